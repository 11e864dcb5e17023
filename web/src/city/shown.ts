// Which layers the visitor wants to see, remembered over visits.

import type { ZonesShown } from '../map/zone_scale.ts';

export interface ShownLayers {
  drivers: boolean;
  trips: boolean;
  zones: ZonesShown;
}

const KEY = 'layers';
const USUAL: ShownLayers = { drivers: true, trips: true, zones: 'surge' };

export function rememberedLayers(): ShownLayers {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<ShownLayers>;
    const zones = kept.zones === 'none' || kept.zones === 'demand' ? kept.zones : USUAL.zones;
    return { drivers: kept.drivers ?? USUAL.drivers, trips: kept.trips ?? USUAL.trips, zones };
  } catch {
    return { ...USUAL };
  }
}

export function rememberLayers(shown: ShownLayers): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(shown));
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
  }
}
