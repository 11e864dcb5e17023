// Lines from one place to another, each of a kind, as the graphics card reads them.

/** From x, y, to x, y (32-bit floats, common units from an origin), kind (byte) and three bytes without a meaning. */
export const STROKE_BYTES = 20;

export class StrokeBlock {
  bytes: Uint8Array<ArrayBuffer>;
  private floats: Float32Array<ArrayBuffer>;

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity * STROKE_BYTES);
    this.floats = new Float32Array(this.bytes.buffer);
  }

  get capacity(): number {
    return this.bytes.length / STROKE_BYTES;
  }

  set(slot: number, fromX: number, fromY: number, toX: number, toY: number, kind: number): void {
    const at = (slot * STROKE_BYTES) / 4;
    this.floats[at] = fromX;
    this.floats[at + 1] = fromY;
    this.floats[at + 2] = toX;
    this.floats[at + 3] = toY;
    this.bytes[slot * STROKE_BYTES + 16] = kind;
  }

  fromX(slot: number): number {
    return this.floats[(slot * STROKE_BYTES) / 4]!;
  }

  fromY(slot: number): number {
    return this.floats[(slot * STROKE_BYTES) / 4 + 1]!;
  }

  kind(slot: number): number {
    return this.bytes[slot * STROKE_BYTES + 16]!;
  }

  grow(capacity: number): void {
    const bytes = new Uint8Array(capacity * STROKE_BYTES);
    bytes.set(this.bytes);
    this.bytes = bytes;
    this.floats = new Float32Array(bytes.buffer);
  }
}
