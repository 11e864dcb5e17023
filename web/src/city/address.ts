// The open story as a part of the page's address, so that it can be shared and survives a reload.

import { parseId } from './ids.ts';
import type { Picked } from './picker.ts';

/** The story that the address asks for. */
export function addressed(search = window.location.search): Picked | null {
  const asked = new URLSearchParams(search);
  const picked = parseId(asked.get('trip') ?? asked.get('driver') ?? '');
  return picked !== null && asked.has(picked.kind) ? picked : null;
}

/** Writes the open story into the address. */
export function address(picked: Picked | null): void {
  const url = new URL(window.location.href);
  url.searchParams.delete('trip');
  url.searchParams.delete('driver');
  if (picked !== null) url.searchParams.set(picked.kind, picked.id);
  window.history.replaceState(null, '', url);
}
