// One operation: what it takes and what it answers.

import { resolved } from './openapi.ts';
import type { Answer, Content, Listed, OpenApi, Operation, Parameter } from './openapi.ts';
import { element, schemaView } from './schema_view.ts';
import { typeText } from './openapi.ts';

/** A panel that folds out. */
export function operationView(document: OpenApi, { method, path, anchor, operation }: Listed): HTMLElement {
  const panel = element('details', 'panel operation');
  panel.id = anchor;
  panel.dataset.testid = `operation-${anchor}`;
  const head = element('summary', '');
  head.append(methodView(method), element('code', 'operation__path', path), element('span', 'operation__summary', operation.summary ?? ''));
  panel.append(head);
  // Most panels are never opened; their bodies are made when they are.
  panel.addEventListener('toggle', () => {
    if (panel.childElementCount === 1) panel.append(bodyView(document, operation));
  });
  return panel;
}

/** GET, POST ... */
export function methodView(method: string): HTMLElement {
  const node = element('span', 'method', method.toUpperCase());
  node.dataset.method = method;
  return node;
}

function bodyView(document: OpenApi, operation: Operation): HTMLElement {
  const body = element('div', 'operation__body');
  if (operation.description) body.append(element('p', '', operation.description));
  const parameters = (operation.parameters ?? []).map((parameter) => resolved(document, parameter));
  if (parameters.length > 0) body.append(section('Parameters', parametersView(document, parameters)));
  const request = operation.requestBody?.content;
  if (request !== undefined) body.append(section('Body', contentView(document, request)));
  const answers = Object.entries(operation.responses ?? {});
  const list = element('div', '');
  list.append(...answers.map(([status, answer]) => answerView(document, status, resolved(document, answer))));
  body.append(section('Answers', list));
  return body;
}

function section(name: string, content: HTMLElement): HTMLElement {
  const node = element('section', '');
  node.append(element('h4', '', name), content);
  return node;
}

function parametersView(document: OpenApi, parameters: Parameter[]): HTMLElement {
  const list = element('div', 'schema');
  for (const { name, in: place, required, description, schema } of parameters) {
    const row = element('div', 'schema__field');
    const head = element('div', '');
    const type = schema === undefined ? place : `${place}, ${typeText(document, schema)}`;
    head.append(element('code', 'schema__name', name), ' ', element('span', 'schema__type', type));
    if (required) head.append(' ', element('span', 'schema__need', 'required'));
    row.append(head);
    if (description) row.append(element('p', 'schema__text', description));
    list.append(row);
  }
  return list;
}

function contentView(document: OpenApi, content: Record<string, Content>): HTMLElement {
  const node = element('div', '');
  for (const [type, { schema }] of Object.entries(content)) {
    node.append(element('p', 'schema__type', type));
    if (schema !== undefined) node.append(schemaView(document, schema));
  }
  return node;
}

function answerView(document: OpenApi, status: string, answer: Answer): HTMLElement {
  const row = element('div', 'answer');
  const number = element('span', 'answer__status', status);
  number.dataset.kind = status.charAt(0);
  const text = element('div', '');
  const headers = Object.keys(answer.headers ?? {});
  const words = `${answer.description ?? ''}${headers.length > 0 ? ` (headers: ${headers.join(', ')})` : ''}`;
  const content = answer.content ?? {};
  const isProblem = Object.keys(content).every((type) => type === 'application/problem+json');
  if (Object.keys(content).length === 0 || isProblem) {
    text.append(element('span', '', words));
  } else {
    const fold = element('details', '');
    fold.append(element('summary', '', words || 'Content'), contentView(document, content));
    text.append(fold);
  }
  row.append(number, text);
  return row;
}
