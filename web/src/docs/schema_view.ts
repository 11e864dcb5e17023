// A schema as a list of its fields, fields of fields within.

import { refName, resolved, typeText } from './openapi.ts';
import type { OpenApi, Schema } from './openapi.ts';

/** Deeper than this only the name of a type is told. */
const DEPTH = 4;

/** The fields of a schema; a line with its type if it has none. */
export function schemaView(document: OpenApi, schema: Schema, path: readonly string[] = []): HTMLElement {
  const list = element('div', 'schema');
  const whole = resolved(document, schema);
  const parts = [whole, ...(whole.allOf ?? []).map((part) => resolved(document, part))];
  for (const part of parts) {
    for (const [name, field] of Object.entries(part.properties ?? {})) {
      list.append(fieldView(document, name, field, part.required?.includes(name) ?? false, path));
    }
  }
  if (list.childElementCount > 0) return list;
  const inner = innerOf(document, whole);
  list.append(element('span', 'schema__type', typeText(document, whole)));
  if (inner !== null && path.length < DEPTH) list.append(schemaView(document, inner, [...path, refName(inner)]));
  return list;
}

function fieldView(document: OpenApi, name: string, field: Schema, required: boolean, path: readonly string[]): HTMLElement {
  const row = element('div', 'schema__field');
  const head = element('div', '');
  head.append(element('code', 'schema__name', name), ' ', element('span', 'schema__type', typeText(document, field)));
  if (required) head.append(' ', element('span', 'schema__need', 'required'));
  row.append(head);
  const text = field.description ?? (field.$ref === undefined ? '' : (resolved(document, field).description ?? ''));
  if (text !== '') row.append(element('p', 'schema__text', text));
  const inner = innerOf(document, field);
  // A type within itself is told once.
  if (inner !== null && path.length < DEPTH && !path.includes(refName(inner) || name)) {
    row.append(schemaView(document, inner, [...path, refName(inner) || name]));
  }
  return row;
}

/** The schema with fields that a field leads to, through lists and choices. */
function innerOf(document: OpenApi, field: Schema): Schema | null {
  const candidates = [field, field.items, ...(field.oneOf ?? []), ...(field.anyOf ?? []), ...(field.allOf ?? [])];
  for (const candidate of candidates) {
    if (candidate === undefined) continue;
    const whole = resolved(document, candidate);
    if (whole.properties !== undefined || whole.allOf !== undefined) return candidate;
    if (whole.items !== undefined && whole !== field) return innerOf(document, whole.items);
  }
  return null;
}

/** An element with a class and a text. */
export function element(tag: string, className: string, text = ''): HTMLElement {
  const node = document.createElement(tag);
  if (className !== '') node.className = className;
  if (text !== '') node.textContent = text;
  return node;
}
