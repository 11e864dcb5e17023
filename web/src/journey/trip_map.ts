// What a trip looks like on the map: two stops, a route, and a driver who moves.

import type { LonLat, Place } from '../api/types.ts';
import type { Marker, RoadMap } from '../map/road_map.ts';
import { boundsOf } from './geo.ts';
import { Glide } from './glide.ts';
import { RoutePath } from './route_path.ts';

/** Room around what is shown, as a share of its size. */
const MARGIN = 0.15;
/** Nothing is shown closer than this, in degrees: about 600 m. */
const LEAST_DEG = 0.006;
/** How often the driven part of the route is taken away. */
const TRIM_MS = 200;
/** Further away from the route is not on it. */
const ON_ROUTE_M = 40;

export class TripMap {
  private readonly map: RoadMap;
  private pickup: Place | null = null;
  private dropoff: Place | null = null;
  private readonly glide = new Glide();
  private frame = 0;
  private route: LonLat[] | null = null;
  private path: RoutePath | null = null;
  private trimmedMs = 0;

  constructor(map: RoadMap) {
    this.map = map;
  }

  setStops(pickup: Place | null, dropoff: Place | null): void {
    this.pickup = pickup;
    this.dropoff = dropoff;
    this.draw();
  }

  setRoute(route: LonLat[] | null): void {
    this.route = route;
    this.path = route && route.length > 1 ? new RoutePath(route) : null;
    this.trimmedMs = 0;
    this.glide.follow(this.path);
    this.map.setRoute(route);
  }

  /** The driver was heard of here; the marker moves there smoothly. */
  driverAt(place: Place, heading: number): void {
    this.glide.report(place, heading, performance.now());
    this.draw();
  }

  /** The driver is here now; the marker does not glide. */
  driverIs(place: Place, heading: number): void {
    this.glide.reset();
    this.glide.report(place, heading, performance.now());
    this.draw();
  }

  noDriver(): void {
    this.glide.reset();
    this.draw();
  }

  /** Shows all there is. */
  fitAll(): void {
    const stops = [this.pickup, this.dropoff].filter((place) => place !== null);
    this.fitRoute(stops);
  }

  /** Shows the route, the driver and some places. */
  fitRoute(places: Place[]): void {
    const driver = this.glide.at(performance.now());
    const route = (this.route ?? []).map(([lon, lat]): Place => ({ lat, lon }));
    const bounds = boundsOf([...places, ...route, ...(driver ? [driver] : [])]);
    if (!bounds) {
      return;
    }
    const lat = Math.max(LEAST_DEG, (bounds.north - bounds.south) * MARGIN);
    const lon = Math.max(LEAST_DEG, (bounds.east - bounds.west) * MARGIN);
    this.map.fit({
      west: bounds.west - lon,
      south: bounds.south - lat,
      east: bounds.east + lon,
      north: bounds.north + lat,
    });
  }

  onClick(then: (place: Place) => void): void {
    this.map.onClick(then);
  }

  /** What the driver has driven of the route is not shown any more. */
  private trim(driver: Place | null, nowMs: number): void {
    if (!driver || !this.path || nowMs - this.trimmedMs < TRIM_MS) {
      return;
    }
    this.trimmedMs = nowMs;
    const { alongM, besideM } = this.path.nearest(driver);
    if (besideM < ON_ROUTE_M) {
      this.map.setRoute(this.path.rest(alongM));
    }
  }

  private draw(): void {
    const nowMs = performance.now();
    const markers: Marker[] = [];
    if (this.pickup) {
      markers.push({ id: 'pickup', kind: 'pickup', label: 'Pickup', ...this.pickup });
    }
    if (this.dropoff) {
      markers.push({ id: 'dropoff', kind: 'dropoff', label: 'Drop-off', ...this.dropoff });
    }
    const driver = this.glide.at(nowMs);
    if (driver) {
      markers.push({ id: 'driver', kind: 'driver', ...driver });
    }
    this.map.setMarkers(markers);
    this.trim(driver, nowMs);
    if (this.frame === 0 && this.glide.isMoving(nowMs)) {
      this.frame = requestAnimationFrame(() => {
        this.frame = 0;
        this.draw();
      });
    }
  }
}
