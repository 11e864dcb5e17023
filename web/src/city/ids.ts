// Ids as people type them.

import type { Picked } from './picker.ts';

const TRIP = /^[0-9a-f]{15}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DRIVER = /^[1-9][0-9]{0,14}$/;

/** What an id means; null if it is none. */
export function parseId(text: string): Picked | null {
  const id = text.trim();
  if (DRIVER.test(id)) return { kind: 'driver', id };
  return TRIP.test(id) ? { kind: 'trip', id: id.toLowerCase() } : null;
}
