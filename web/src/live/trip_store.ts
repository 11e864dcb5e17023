// The open trips: what the map draws of them lies in one block of numbers, the rest beside it.

import { commonX, commonY } from '../map/mercator.ts';
import { StrokeBlock } from '../map/stroke_block.ts';
import type { OpenTrip } from './frames.ts';

/** Room at the beginning; it grows. */
const CAPACITY = 256;

export class TripStore {
  /** Grows with every change. */
  version = 0;
  count = 0;
  /** Lines from pickup to drop-off, with the state as kind, relative to `origin` in common units. */
  readonly block = new StrokeBlock(CAPACITY);
  readonly origin: readonly [x: number, y: number];
  private trips: OpenTrip[] = [];
  private readonly slots = new Map<string, number>();

  constructor(origin: readonly [x: number, y: number]) {
    this.origin = origin;
  }

  put(trip: OpenTrip): void {
    let slot = this.slots.get(trip.uuid);
    if (slot === undefined) {
      slot = this.count;
      this.count += 1;
      this.slots.set(trip.uuid, slot);
      if (this.count > this.block.capacity) this.block.grow(this.block.capacity * 2);
    }
    this.write(slot, trip);
    this.version += 1;
  }

  remove(uuid: string): void {
    const slot = this.slots.get(uuid);
    if (slot === undefined) return;
    this.slots.delete(uuid);
    this.count -= 1;
    const last = this.trips.pop()!;
    if (last.uuid !== uuid) {
      this.write(slot, last);
      this.slots.set(last.uuid, slot);
    }
    this.version += 1;
  }

  clear(): void {
    this.count = 0;
    this.trips = [];
    this.slots.clear();
    this.version += 1;
  }

  at(slot: number): OpenTrip {
    return this.trips[slot]!;
  }

  byId(id: string): OpenTrip | null {
    const slot = this.slots.get(id.slice(id.indexOf('.') + 1));
    return slot === undefined ? null : this.at(slot);
  }

  /** The trip that has this driver, if any. */
  ofDriver(driver: number): OpenTrip | null {
    return this.trips.find((trip) => trip.driver === driver) ?? null;
  }

  /** The trip whose pickup or drop-off is nearest to a place; `distance` measures, null if none is within `reach`. */
  nearest(distance: (lon: number, lat: number) => number, reach: number): OpenTrip | null {
    let best: OpenTrip | null = null;
    let least = reach;
    for (const trip of this.trips) {
      const near = Math.min(distance(trip.pickupLon, trip.pickupLat), distance(trip.dropoffLon, trip.dropoffLat));
      if (near > least) continue;
      best = trip;
      least = near;
    }
    return best;
  }

  private write(slot: number, trip: OpenTrip): void {
    this.trips[slot] = trip;
    const [x, y] = this.origin;
    const from = [commonX(trip.pickupLon) - x, commonY(trip.pickupLat) - y] as const;
    const to = [commonX(trip.dropoffLon) - x, commonY(trip.dropoffLat) - y] as const;
    this.block.set(slot, from[0], from[1], to[0], to[1], trip.state);
  }
}
