// The block of numbers behind the drivers on the map. An entry is a movement from where the driver was shown to the
// newest fix; the graphics card reads the same bytes and works out where that is at the moment of drawing.

/** From x, y, to x, y, start, span, seen (32-bit floats), then heading from, heading to, state, leaving (bytes). */
export const ENTRY_BYTES = 32;

const FLOATS = ENTRY_BYTES / 4;
const TO = 2;
const START = 4;
const SPAN = 5;
const SEEN = 6;
const HEADING_FROM = 28;
const HEADING_TO = 29;
const STATE = 30;
const LEAVING = 31;

/** Where something is: common units from an origin that the owner of the block keeps. */
export interface Fix {
  x: number;
  y: number;
  /** 256ths of a turn clockwise from north. */
  heading: number;
}

export class EntryBlock {
  bytes: Uint8Array<ArrayBuffer>;
  private floats: Float32Array<ArrayBuffer>;

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity * ENTRY_BYTES);
    this.floats = new Float32Array(this.bytes.buffer);
  }

  get capacity(): number {
    return this.bytes.length / ENTRY_BYTES;
  }

  grow(capacity: number): void {
    const bytes = new Uint8Array(capacity * ENTRY_BYTES);
    bytes.set(this.bytes);
    this.bytes = bytes;
    this.floats = new Float32Array(bytes.buffer);
  }

  /** Makes an entry stand at a fix. Times are in seconds on the owner's clock. */
  place(slot: number, fix: Fix, now: number, span: number, seen: number): void {
    this.write(slot, fix.x, fix.y, fix, now, span, seen);
    this.bytes[slot * ENTRY_BYTES + HEADING_FROM] = fix.heading;
  }

  /** Makes an entry move from where it is shown now to a fix, within `span` seconds; further than `jump` at once. */
  move(slot: number, fix: Fix, now: number, span: number, seen: number, jump: number): void {
    let x = this.x(slot, now);
    let y = this.y(slot, now);
    if (Math.abs(fix.x - x) > jump || Math.abs(fix.y - y) > jump) {
      x = fix.x;
      y = fix.y;
    }
    const at = slot * ENTRY_BYTES;
    this.bytes[at + HEADING_FROM] = this.bytes[at + HEADING_TO]!;
    this.write(slot, x, y, fix, now, span, seen);
  }

  setState(slot: number, state: number): void {
    this.bytes[slot * ENTRY_BYTES + STATE] = state;
  }

  setLeaving(slot: number, leaving: boolean): void {
    this.bytes[slot * ENTRY_BYTES + LEAVING] = leaving ? 255 : 0;
  }

  /** Where the entry is shown. */
  x(slot: number, now: number): number {
    return this.between(slot * FLOATS, now);
  }

  y(slot: number, now: number): number {
    return this.between(slot * FLOATS + 1, now, slot * FLOATS);
  }

  /** Where the entry goes to. */
  targetX(slot: number): number {
    return this.floats[slot * FLOATS + TO]!;
  }

  heading(slot: number): number {
    return this.bytes[slot * ENTRY_BYTES + HEADING_TO]!;
  }

  state(slot: number): number {
    return this.bytes[slot * ENTRY_BYTES + STATE]!;
  }

  /** When the report was made, in seconds on the owner's clock. */
  seen(slot: number): number {
    return this.floats[slot * FLOATS + SEEN]!;
  }

  copy(from: number, to: number): void {
    this.bytes.copyWithin(to * ENTRY_BYTES, from * ENTRY_BYTES, (from + 1) * ENTRY_BYTES);
  }

  /** Moves the zero of the owner's clock forward by `seconds`, for the first `count` entries. */
  rebase(count: number, seconds: number): void {
    for (let slot = 0, at = 0; slot < count; slot += 1, at += FLOATS) {
      this.floats[at + START]! -= seconds;
      this.floats[at + SEEN]! -= seconds;
    }
  }

  private between(axis: number, now: number, entry = axis): number {
    const floats = this.floats;
    const done = Math.min(1, Math.max(0, (now - floats[entry + START]!) / floats[entry + SPAN]!));
    return floats[axis]! + (floats[axis + TO]! - floats[axis]!) * done;
  }

  private write(slot: number, fromX: number, fromY: number, fix: Fix, start: number, span: number, seen: number): void {
    const at = slot * FLOATS;
    const floats = this.floats;
    floats[at] = fromX;
    floats[at + 1] = fromY;
    floats[at + TO] = fix.x;
    floats[at + TO + 1] = fix.y;
    floats[at + START] = start;
    floats[at + SPAN] = span;
    floats[at + SEEN] = seen;
    this.bytes[slot * ENTRY_BYTES + HEADING_TO] = fix.heading;
  }
}
