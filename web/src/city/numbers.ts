// Numbers of the figures as people read them.

const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat('en', { notation: 'compact', minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** What stands where a figure is not known. */
export const UNKNOWN = '–';

/** A count with separators, short from ten million on. */
export function countText(count: number): string {
  return count < 10_000_000 ? grouped.format(Math.round(count)) : compact.format(count);
}

/** A rate: with a decimal while it is small. */
export function rateText(rate: number): string {
  return rate < 10 ? rate.toFixed(1) : countText(rate);
}

/** Seconds of lag. */
export function lagText(seconds: number): string {
  return seconds < 100 ? `${seconds.toFixed(1)} s` : `${countText(seconds / 60)} min`;
}
