// Frames made by hand, for tests: every byte is written here a second time, apart from the decoder.

/** Appends little-endian numbers. */
export class Bytes {
  private readonly values: number[] = [];

  u8(...numbers: number[]): this {
    return this.little(1, numbers);
  }

  u16(...numbers: number[]): this {
    return this.little(2, numbers);
  }

  u32(...numbers: number[]): this {
    return this.little(4, numbers);
  }

  u64(number: bigint): this {
    return this.u32(Number(number & 0xffff_ffffn), Number(number >> 32n));
  }

  f32(...numbers: number[]): this {
    this.values.push(...new Uint8Array(Float32Array.from(numbers).buffer));
    return this;
  }

  f64(...numbers: number[]): this {
    this.values.push(...new Uint8Array(Float64Array.from(numbers).buffer));
    return this;
  }

  text(text: string): this {
    this.values.push(...new TextEncoder().encode(text));
    return this;
  }

  done(): ArrayBuffer {
    return Uint8Array.from(this.values).buffer;
  }

  private little(size: number, numbers: number[]): this {
    for (const number of numbers) {
      for (let byte = 0; byte < size; byte += 1) this.values.push(Math.floor(number / 256 ** byte) % 256);
    }
    return this;
  }
}

/** The header of a frame about tile 8214/5871 at zoom 14. */
export function header(kind: number, grid = 0): Bytes {
  return new Bytes().u8(kind, 1, 14, grid).u32(8214, 5871, 77);
}
