// Asks the gateway for the roads, once a page.

import { readCity } from './city_file.ts';
import type { CityRoads } from './city_file.ts';

let loading: Promise<CityRoads> | null = null;

/** The roads of the city. Rejects with a readable message when the gateway cannot give them; a later call tries again. */
export function loadCity(): Promise<CityRoads> {
  loading ??= fetchCity().catch((error: unknown) => {
    loading = null;
    throw error;
  });
  return loading;
}

async function fetchCity(): Promise<CityRoads> {
  const response = await fetch('/v1/city').catch(() => null);
  if (response === null) throw new Error('the gateway does not answer');
  if (!response.ok) throw new Error(`the gateway answered ${response.status} when asked for the roads`);
  return readCity(await response.arrayBuffer());
}
