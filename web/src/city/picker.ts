// What lies under the pointer: a driver, a trip, or a zone. Looked up in the numbers, not on the graphics card.

import type { LiveCity } from '../live/live_city.ts';
import { commonX, commonY } from '../map/mercator.ts';
import type { PointerAt, Scene } from '../map/scene.ts';
import { isInside } from '../map/zone_scale.ts';
import type { ShownLayers } from './shown.ts';

export interface Picked {
  kind: 'driver' | 'trip' | 'zone';
  id: string;
}

/** How near is near, in pixels; a finger is not as exact as a mouse. */
const REACH = 10;
const TOUCH_REACH = 22;

export class Picker {
  private readonly scene: Scene;
  private readonly live: LiveCity;
  private readonly shown: ShownLayers;

  constructor(scene: Scene, live: LiveCity, shown: ShownLayers) {
    this.scene = scene;
    this.live = live;
    this.shown = shown;
  }

  /** The nearest thing that is shown; zones only `withZones`. */
  pick(at: PointerAt, withZones: boolean): Picked | null {
    const x = commonX(at.lon);
    const y = commonY(at.lat);
    const reach = (at.touch ? TOUCH_REACH : REACH) / 2 ** this.scene.zoom;
    return this.driver(x, y, reach) ?? this.trip(x, y, reach) ?? (withZones ? this.zone(at.lon, at.lat) : null);
  }

  private driver(x: number, y: number, reach: number): Picked | null {
    const { drivers, mode } = this.live;
    if (!this.shown.drivers || mode !== 'points') return null;
    const slot = drivers.nearest(x, y, reach, performance.now());
    return slot < 0 ? null : { kind: 'driver', id: String(drivers.idAt(slot)) };
  }

  private trip(x: number, y: number, reach: number): Picked | null {
    if (!this.shown.trips) return null;
    const distance = (lon: number, lat: number): number => Math.hypot(commonX(lon) - x, commonY(lat) - y);
    const trip = this.live.trips.nearest(distance, reach);
    return trip === null ? null : { kind: 'trip', id: trip.id };
  }

  private zone(lon: number, lat: number): Picked | null {
    if (this.shown.zones === 'none') return null;
    for (const { zone, ring } of this.live.zones.values()) if (isInside(ring, lon, lat)) return { kind: 'zone', id: zone };
    return null;
  }
}
