// Values that outlive a reload, as JSON under a name.

/** The kept value, or null if there is none that can be read. */
export function readKept<T>(storage: Storage, name: string): T | null {
  try {
    return JSON.parse(storage.getItem(name) ?? 'null') as T | null;
  } catch {
    return null;
  }
}

/** Keeps a value; null forgets it. */
export function keep(storage: Storage, name: string, value: unknown): void {
  if (value === null) {
    storage.removeItem(name);
    return;
  }
  try {
    storage.setItem(name, JSON.stringify(value));
  } catch {
    // A full or forbidden storage only costs what a reload would have brought back.
  }
}
