// A stream of server-sent events that comes back by itself.
//
// It reads with `fetch` instead of the browser's EventSource: that one hides the problem behind a refusal, gives up for
// good on any status but 200, and cannot be given the last id that an earlier life of the page has seen.

import { pauseMs } from './backoff.ts';
import { problemOf, unreachable } from './problem.ts';
import type { ProblemError } from './problem.ts';
import { SseParser } from './sse_parser.ts';

/** How the stream is: `failed` and `ended` are final. */
export type StreamState = 'connecting' | 'open' | 'reconnecting' | 'failed' | 'ended';

export interface Following<Events> {
  /** Called with each event; `id` is the last id so far. */
  on: { [Name in keyof Events]?: (data: Events[Name], id: string | null) => void };
  /** Called when the state of the stream changes; with the problem when it is one. */
  onState: (state: StreamState, problem: ProblemError | null) => void;
  /** Resume behind this event. */
  lastEventId?: string | null;
  /** The event after which the server ends the stream for good. */
  endsWith?: keyof Events;
}

/** The server sends something at least every 15 s; a connection that is silent this long is dead. */
const SILENCE_MS = 40_000;

export class EventStream<Events> {
  private readonly stop = new AbortController();
  private lastEventId: string | null;
  private attempt = 0;
  private retryMs = 0;
  private ended = false;
  private readonly path: string;
  private readonly following: Following<Events>;

  constructor(path: string, following: Following<Events>) {
    this.path = path;
    this.following = following;
    this.lastEventId = following.lastEventId ?? null;
    void this.run();
  }

  /** Closes the stream; nothing is told any more. */
  close(): void {
    this.stop.abort();
  }

  private async run(): Promise<void> {
    this.tell('connecting', null);
    while (!this.stop.signal.aborted) {
      const problem = await this.connection();
      if (this.stop.signal.aborted) {
        return;
      }
      if (this.ended) {
        return this.tell('ended', null);
      }
      if (!problem.isPassing) {
        return this.tell('failed', problem);
      }
      this.attempt += 1;
      this.tell('reconnecting', problem);
      const asked = problem.retryAfterS === null ? this.retryMs : problem.retryAfterS * 1000;
      await this.sleep(Math.max(asked, pauseMs(this.attempt, Math.random())));
    }
  }

  /** One connection until it ends; gives why it ended. */
  private async connection(): Promise<ProblemError> {
    const silence = new AbortController();
    const headers: Record<string, string> = { accept: 'text/event-stream' };
    if (this.lastEventId !== null) {
      headers['last-event-id'] = this.lastEventId;
    }
    try {
      const signal = AbortSignal.any([this.stop.signal, silence.signal]);
      const response = await this.guarded(silence, fetch(this.path, { headers, signal, cache: 'no-store' }));
      if (!response.ok || !response.body) {
        return await problemOf(response);
      }
      this.tell('open', null);
      await this.readAll(response.body.getReader(), silence);
    } catch {
      // Broken off, silent for too long, or closed by us: all the same as an end.
    }
    return unreachable();
  }

  private async readAll(reader: ReadableStreamDefaultReader<Uint8Array>, silence: AbortController): Promise<void> {
    const parser = new SseParser();
    const decoder = new TextDecoder();
    while (!this.ended) {
      const { done, value } = await this.guarded(silence, reader.read());
      if (done) {
        return;
      }
      this.deliver(parser, decoder.decode(value, { stream: true }));
    }
    await reader.cancel();
  }

  /** Waits for something of the connection, but not longer than it may be silent. */
  private async guarded<T>(silence: AbortController, wait: Promise<T>): Promise<T> {
    const timer = setTimeout(() => silence.abort(), SILENCE_MS);
    try {
      return await wait;
    } finally {
      clearTimeout(timer);
    }
  }

  private deliver(parser: SseParser, piece: string): void {
    for (const { event, data, id } of parser.push(piece)) {
      if (this.stop.signal.aborted) {
        return;
      }
      // Only an event proves that the way is free: a server that accepts and breaks off at once is not back yet.
      this.attempt = 0;
      this.lastEventId = id ?? this.lastEventId;
      const name = event as keyof Events;
      this.ended ||= name === this.following.endsWith;
      this.hand(name, data);
    }
    this.retryMs = parser.retryMs ?? this.retryMs;
  }

  /** A handler that throws must not end the stream. */
  private hand(name: keyof Events, data: string): void {
    try {
      this.following.on[name]?.(data === '' ? (undefined as never) : JSON.parse(data), this.lastEventId);
    } catch (error) {
      console.error('event not understood', name, error);
    }
  }

  private tell(state: StreamState, problem: ProblemError | null): void {
    if (!this.stop.signal.aborted) {
      this.following.onState(state, problem);
    }
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.stop.signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
