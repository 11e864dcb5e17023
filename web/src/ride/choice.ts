// Which two places a ride goes between, and which of them the next click on the map sets.

import type { Place } from '../api/types.ts';
import { distanceM, rounded } from '../journey/geo.ts';

export type End = 'pickup' | 'dropoff';

export interface Choice {
  pickup: Place | null;
  dropoff: Place | null;
  next: End;
}

export const NOTHING_CHOSEN: Choice = { pickup: null, dropoff: null, next: 'pickup' };

/** Sets one end; the next click sets the other one if that is missing. */
export function choose(choice: Choice, end: End, place: Place | null): Choice {
  const chosen = { ...choice, [end]: place && rounded(place) };
  const other: End = end === 'pickup' ? 'dropoff' : 'pickup';
  if (place === null) {
    return { ...chosen, next: end };
  }
  return { ...chosen, next: chosen[other] === null ? other : 'dropoff' };
}

/** The next click sets this end. */
export function aim(choice: Choice, end: End): Choice {
  return { ...choice, next: end };
}

/** Both ends, if both are chosen. */
export function chosenEnds(choice: Choice): { pickup: Place; dropoff: Place } | null {
  const { pickup, dropoff } = choice;
  return pickup && dropoff ? { pickup, dropoff } : null;
}

/** What the person is to do next. */
export function hint(choice: Choice): string {
  if (chosenEnds(choice)) {
    return 'Click again to move the drop-off.';
  }
  return choice.next === 'pickup' ? 'Click the map for your pickup.' : 'Now click where you want to go.';
}

/** A surprise is neither around the corner nor at the other end of the city. */
const NEAREST_M = 1_500;
const FURTHEST_M = 6_000;
const TRIES = 40;

/**
 * Two places of the city some way apart. `random` gives numbers of 0..1. In a city too small for the usual distance it
 * is the best of all tries.
 */
export function surprise(places: Place[], random: () => number): { pickup: Place; dropoff: Place } | null {
  const any = (): Place | undefined => places[Math.floor(random() * places.length)];
  let best: { pickup: Place; dropoff: Place; offM: number } | null = null;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const [pickup, dropoff] = [any(), any()];
    if (!pickup || !dropoff) {
      return null;
    }
    const apart = distanceM(pickup, dropoff);
    const offM = apart === 0 ? Number.POSITIVE_INFINITY : Math.max(NEAREST_M - apart, apart - FURTHEST_M, 0);
    if (!best || offM < best.offM) {
      best = { pickup, dropoff, offM };
    }
    if (offM === 0) {
      break;
    }
  }
  return best && Number.isFinite(best.offM) ? { pickup: rounded(best.pickup), dropoff: rounded(best.dropoff) } : null;
}
