// What a driver has earned, trip by trip.

import type { FareNews } from '../api/events.ts';
import type { Money } from '../api/types.ts';

/** Older ones are forgotten. */
const MOST = 50;

/** A trip's fare enters once, however often it is told; newest first. */
export function earn(fares: FareNews[], fare: FareNews): FareNews[] {
  return [fare, ...fares.filter((known) => known.trip !== fare.trip)].slice(0, MOST);
}

/** The sum in the currency of the newest fare; null without fares. */
export function earned(fares: FareNews[]): Money | null {
  const currency = fares[0]?.total.currency;
  if (currency === undefined) {
    return null;
  }
  const same = fares.filter((fare) => fare.total.currency === currency);
  return { currency, minor: same.reduce((sum, fare) => sum + fare.total.minor, 0) };
}
