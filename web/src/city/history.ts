// The last minutes of one figure, as a chart wants them.

/** Points that are kept: three minutes, one a second. */
export const POINTS = 180;
/** Less than this is a figure that was told twice, not a clock that was set. */
const SET_BACK_S = 2;

export class History {
  /** Seconds since the epoch. */
  readonly times: number[] = [];
  /** Null where the figure was not known. */
  readonly values: (number | null)[] = [];

  add(timeS: number, value: number | null): void {
    const last = this.times.at(-1);
    // A chart's time must grow. A server whose clock was set back starts the history anew.
    if (last !== undefined && timeS <= last) {
      if (last - timeS < SET_BACK_S) return;
      this.clear();
    }
    this.times.push(timeS);
    this.values.push(value);
    if (this.times.length > POINTS) {
      this.times.shift();
      this.values.shift();
    }
  }

  clear(): void {
    this.times.length = 0;
    this.values.length = 0;
  }
}
