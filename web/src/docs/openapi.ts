// The part of an OpenAPI 3.1 document that this page shows.

export interface Schema {
  $ref?: string;
  type?: string | string[];
  title?: string;
  description?: string;
  format?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
  default?: unknown;
  additionalProperties?: Schema | boolean;
}

export interface Content {
  schema?: Schema;
}

export interface Parameter {
  $ref?: string;
  name: string;
  in: 'path' | 'query' | 'header' | 'cookie';
  required?: boolean;
  description?: string;
  schema?: Schema;
}

export interface Answer {
  $ref?: string;
  description?: string;
  content?: Record<string, Content>;
  headers?: Record<string, { description?: string }>;
}

export interface Operation {
  operationId?: string;
  summary?: string;
  description?: string;
  tags?: string[];
  parameters?: Parameter[];
  requestBody?: { description?: string; content?: Record<string, Content> };
  responses?: Record<string, Answer>;
}

export interface OpenApi {
  openapi: string;
  info: { title: string; version: string; description?: string };
  tags?: { name: string; description?: string }[];
  paths: Record<string, Record<string, Operation>>;
  components?: Record<string, Record<string, unknown>>;
}

/** An operation with where it stands. */
export interface Listed {
  method: string;
  path: string;
  /** The part of the address that leads to it. */
  anchor: string;
  operation: Operation;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** All operations by tag, tags in the order of the document. */
export function byTag(document: OpenApi): Map<string, Listed[]> {
  const groups = new Map<string, Listed[]>((document.tags ?? []).map(({ name }) => [name, []]));
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (operation === undefined) continue;
      const tag = operation.tags?.[0] ?? 'other';
      const anchor = operation.operationId ?? `${method}${path.replaceAll(/[^a-z0-9]+/gi, '-')}`;
      groups.set(tag, [...(groups.get(tag) ?? []), { method, path, anchor, operation }]);
    }
  }
  for (const [tag, operations] of groups) if (operations.length === 0) groups.delete(tag);
  return groups;
}

/** What a reference such as `#/components/schemas/Ride` points to; the thing itself if it is none. */
export function resolved<T extends { $ref?: string }>(document: OpenApi, thing: T): T {
  let found: unknown = thing;
  for (let steps = 0; steps < 8; steps += 1) {
    const reference = (found as T | undefined)?.$ref;
    if (reference === undefined) break;
    found = reference
      .replace(/^#\//, '')
      .split('/')
      .reduce<unknown>((node, part) => (node as Record<string, unknown> | undefined)?.[part.replaceAll('~1', '/')], document);
  }
  return (found ?? thing) as T;
}

/** The last part of a reference. */
export function refName(schema: Schema): string {
  return schema.$ref?.split('/').pop() ?? '';
}

/** A type in few words, such as `array of Place` or `integer, 1 to 50`. */
export function typeText(document: OpenApi, schema: Schema): string {
  const choices = schema.oneOf ?? schema.anyOf;
  if (schema.$ref !== undefined) return refName(schema);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (choices !== undefined) return choices.map((choice) => typeText(document, choice)).join(' | ');
  if (schema.allOf?.length === 1) return typeText(document, schema.allOf[0]!);
  const types = [schema.type ?? (schema.properties ? 'object' : 'any')].flat();
  if (types.includes('array')) {
    const items = schema.items === undefined ? 'any' : typeText(document, schema.items);
    return withLimits(`array of ${items}`, schema.minItems, schema.maxItems);
  }
  const named = schema.format === undefined ? types.join(' | ') : `${types.join(' | ')} (${schema.format})`;
  return withLimits(named, schema.minimum ?? schema.minLength, schema.maximum ?? schema.maxLength);
}

function withLimits(text: string, least: number | undefined, most: number | undefined): string {
  if (least === undefined && most === undefined) return text;
  if (most === undefined) return `${text}, at least ${least}`;
  return least === undefined ? `${text}, at most ${most}` : `${text}, ${least} to ${most}`;
}
