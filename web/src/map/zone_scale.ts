// How zones are measured for the map. Pure: nothing here draws.

import type { ZoneState } from '../live/messages.ts';

export type ZonesShown = 'none' | 'surge' | 'demand';

/** Surge in hundredths at which the ramp begins and ends. */
export const SURGE_FROM = 100;
export const SURGE_TO = 300;
/** Without any demand the scale of demand ends here, so that one request does not look like a crowd. */
const LEAST_TOP_DEMAND = 10;
/** The demand at the end of its scale. */
export function topDemand(zones: readonly ZoneState[]): number {
  return zones.reduce((most, { demand }) => Math.max(most, demand), LEAST_TOP_DEMAND);
}

/** How strongly a zone is coloured, 0 to 1. */
export function strength({ surge, demand }: ZoneState, shown: ZonesShown, top: number): number {
  if (shown === 'surge') return (surge - SURGE_FROM) / (SURGE_TO - SURGE_FROM);
  return shown === 'demand' ? demand / top : 0;
}

/** Whether a place lies within a ring (even-odd rule). */
export function isInside(ring: ZoneState['ring'], lon: number, lat: number): boolean {
  let inside = false;
  for (let corner = 0, before = ring.length - 1; corner < ring.length; before = corner, corner += 1) {
    const [east, north] = ring[corner]!;
    const [eastBefore, northBefore] = ring[before]!;
    const crosses = north > lat !== northBefore > lat;
    if (crosses && lon < ((eastBefore - east) * (lat - north)) / (northBefore - north) + east) inside = !inside;
  }
  return inside;
}
