// Time that runs out.

/** What is left of a span of time. */
export interface Left {
  /** Whole seconds, rounded up: 0 only when it is over. */
  seconds: number;
  /** 1 at the beginning, 0 at the end. */
  share: number;
  isOver: boolean;
}

/** What is left at `nowMs` of a span of `wholeMs` that ends at `endMs`. */
export function leftOf(endMs: number, wholeMs: number, nowMs: number): Left {
  const leftMs = Math.max(0, endMs - nowMs);
  return {
    seconds: Math.ceil(leftMs / 1000),
    share: wholeMs > 0 ? Math.min(1, leftMs / wholeMs) : 0,
    isOver: leftMs === 0,
  };
}

/** Minutes and seconds, as a clock that runs backwards shows them. */
export function clockText(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
