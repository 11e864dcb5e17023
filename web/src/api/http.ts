// One request to the gateway: JSON in, JSON out, every failure a `ProblemError`.

import { problemOf, tooSlow, unreachable } from './problem.ts';

export interface Options {
  body?: unknown;
  headers?: Record<string, string>;
  /** Ends the request from outside. */
  signal?: AbortSignal | undefined;
  /** How long to wait for the answer. */
  timeoutMs?: number;
  /** Lets the request outlive the page. */
  keepalive?: boolean;
}

/** Longer than the gateway waits for Kafka, so that its own answer comes first. */
const TIMEOUT_MS = 8_000;

function within(options: Options): AbortSignal {
  const timeout = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
  return options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
}

async function send(method: string, path: string, options: Options): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json', ...options.headers };
  if (options.body !== undefined) {
    headers['content-type'] = 'application/json';
  }
  const init: RequestInit = { method, headers, signal: within(options), keepalive: options.keepalive ?? false };
  if (options.body !== undefined) {
    init.body = JSON.stringify(options.body);
  }
  try {
    return await fetch(path, init);
  } catch (error) {
    throw translated(error, options.signal);
  }
}

/** What went wrong on the way; an abort from outside stays what it is. */
function translated(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) {
    return error;
  }
  const name = error instanceof Error ? error.name : '';
  return name === 'TimeoutError' ? tooSlow() : unreachable();
}

/** Sends a request and gives the JSON of its answer. */
export async function request<T>(method: string, path: string, options: Options = {}): Promise<T> {
  const response = await send(method, path, options);
  if (!response.ok) {
    throw await problemOf(response);
  }
  try {
    const text = await response.text();
    return (text === '' ? undefined : JSON.parse(text)) as T;
  } catch (error) {
    throw translated(error, options.signal);
  }
}

/** Whether this is the end of a request that somebody did not want any more. */
export function wasAborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}
