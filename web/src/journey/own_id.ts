// Who this browser is: a number above those of the simulated people, kept in the browser.

/** The simulated city counts its people from 1; visitors begin here. */
export const FIRST_ID = 9_000_000;
/** Beyond the last id of a visitor. */
export const END_ID = 10_000_000;

/** A new id from a random number (0..1). */
export function newId(random: number): number {
  return FIRST_ID + Math.floor(random * (END_ID - FIRST_ID));
}

/** Reads an id of a visitor; null if it is none. */
export function parseId(text: string): number | null {
  const id = /^\d+$/.test(text.trim()) ? Number(text.trim()) : Number.NaN;
  return id >= FIRST_ID && id < END_ID ? id : null;
}

/** The id kept under a name, made on the first visit. */
export function ownId(storage: Storage, name: string): number {
  const kept = parseId(storage.getItem(name) ?? '');
  const id = kept ?? newId(Math.random());
  keepId(storage, name, id);
  return id;
}

export function keepId(storage: Storage, name: string, id: number): void {
  storage.setItem(name, String(id));
}
