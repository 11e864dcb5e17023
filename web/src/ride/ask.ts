// Asking once: the key that makes a repeated request the same ride.

import type { RideRequest } from '../api/types.ts';

/** A wish that was sent, or is about to be, with its key. */
export interface Ask {
  key: string;
  wish: RideRequest;
  /** When the key was made, in this machine's time. */
  sinceMs: number;
}

/** An unanswered wish older than this is not sent again by itself: whoever asked has given up. */
const STALE_MS = 120_000;

/** The same wish keeps its key, whatever became of the first attempt; another wish gets a new one. */
export function askFor(wish: RideRequest, open: Ask | null, newKey: () => string, nowMs: number): Ask {
  if (open && JSON.stringify(open.wish) === JSON.stringify(wish)) {
    return open;
  }
  return { key: newKey(), wish, sinceMs: nowMs };
}

/** Whether a wish that a reload interrupted is still to be sent. */
export function isFresh(ask: Ask, nowMs: number): boolean {
  return nowMs - ask.sinceMs >= 0 && nowMs - ask.sinceMs < STALE_MS;
}

/** A version 4 UUID, also where the page was not loaded securely (then `crypto.randomUUID` is missing). */
export function newKey(): string {
  if (typeof crypto.randomUUID === 'function') {
    return crypto.randomUUID();
  }
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
