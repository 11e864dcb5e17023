// Junctions of the city, to begin somewhere without choosing.

import { ProblemError } from '../api/problem.ts';
import type { Place } from '../api/types.ts';
import type { CityRoads } from '../map/city_file.ts';
import { loadCity } from '../map/load_city.ts';
import { latOf, lonOf } from '../map/mercator.ts';

/** Ends of streets, chosen by `random` (0..1); none in a city without streets. */
export function somePlaces({ streets, origin }: CityRoads, count: number, random: () => number): Place[] {
  if (streets.capacity === 0) {
    return [];
  }
  return Array.from({ length: count }, () => {
    const street = Math.floor(random() * streets.capacity);
    return { lat: latOf(origin[1] + streets.fromY(street)), lon: lonOf(origin[0] + streets.fromX(street)) };
  });
}

/** Some junctions of this city. */
export async function randomPlaces(count: number): Promise<Place[]> {
  try {
    return somePlaces(await loadCity(), count, Math.random);
  } catch (error) {
    throw noRoads(error);
  }
}

/** The problem that there are no roads, from whatever was thrown. */
export function noRoads(error: unknown): ProblemError {
  const detail = error instanceof Error ? error.message : String(error);
  return new ProblemError({ type: '/problems/no-roads', title: 'The roads could not be loaded', status: 0, detail });
}
