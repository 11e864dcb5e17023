// How smooth the map is: frames a second, and how long scripts worked on each.

/** Over how long the figures are taken. */
const WINDOW_MS = 2000;

export class FrameMeter {
  private readonly ends: number[] = [];
  private readonly costs: number[] = [];
  private began = 0;

  begin(): void {
    this.began = performance.now();
  }

  end(): void {
    const now = performance.now();
    this.ends.push(now);
    this.costs.push(now - this.began);
    while (this.ends.length > 0 && now - this.ends[0]! > WINDOW_MS) {
      this.ends.shift();
      this.costs.shift();
    }
  }

  /** Frames drawn per second of late; 0 when nothing is drawn. */
  fps(): number {
    const now = performance.now();
    const recent = this.ends.filter((end) => now - end <= WINDOW_MS).length;
    return Math.round((recent * 1000) / WINDOW_MS);
  }

  /** Mean milliseconds that scripts took to draw a frame. */
  scriptMs(): number {
    if (this.costs.length === 0) return 0;
    return this.costs.reduce((sum, cost) => sum + cost, 0) / this.costs.length;
  }
}
