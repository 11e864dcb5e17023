// Colours along a ramp.

import type { Rgba } from './palette.ts';

/** The colour at `share` (0 to 1) of a ramp, with an alpha of its own (0 to 1). */
export function onRamp(ramp: readonly Rgba[], share: number, alpha: number): Rgba {
  const place = Math.min(1, Math.max(0, share)) * (ramp.length - 1);
  const low = Math.min(ramp.length - 2, Math.floor(place));
  return mixed(ramp[low]!, ramp[low + 1]!, place - low, alpha);
}

/** `share` of the second colour in the first. */
export function mixed(first: Rgba, second: Rgba, share: number, alpha: number): Rgba {
  const part = (index: 0 | 1 | 2): number => Math.round(first[index] + (second[index] - first[index]) * share);
  return [part(0), part(1), part(2), Math.round(alpha * 255)];
}
