// What the driver sees on the map: the car, the stops of the trip, the way ahead.

import type { LonLat } from '../api/types.ts';
import type { TripMap } from '../journey/trip_map.ts';
import type { Car } from './car.ts';
import type { Duty } from './duty.ts';

export class DriveMap {
  private map: TripMap | null = null;
  private stops = '';
  /** The way of an open offer, shown until it is answered. */
  private offered: LonLat[] | null = null;
  private hasRoute = false;
  private drawn = '';

  attach(map: TripMap, duty: Duty, car: Car | null): void {
    this.map = map;
    this.stops = '';
    this.show(duty, car);
    this.place(car);
  }

  /** Shows the stops of the offer or the trip, and looks at all of it when they change. */
  show(duty: Duty, car: Car | null): void {
    const trip = duty.offer ?? duty.job;
    if (!duty.offer) {
      this.offered = null;
    }
    const stops = trip ? `${trip.trip} ${duty.offer ? 'offer' : (duty.status ?? '')}` : '';
    if (stops === this.stops || !this.map) {
      return;
    }
    this.stops = stops;
    this.map.setStops(trip?.pickup ?? null, trip?.dropoff ?? null);
    this.showRoute(car);
    if (trip) {
      this.map.fitAll();
    }
  }

  /** The whole way of an offer. */
  showOffered(points: LonLat[], car: Car | null): void {
    this.offered = points;
    this.showRoute(car);
    this.map?.fitAll();
  }

  /** Shows where the car is. */
  place(car: Car | null): void {
    if (!car) {
      this.map?.noDriver();
      return;
    }
    const { lat, lon, heading } = car.parked;
    const drawn = `${lat} ${lon} ${heading}`;
    if (drawn !== this.drawn) {
      this.drawn = drawn;
      this.map?.driverIs({ lat, lon }, heading);
    }
  }

  /** Shows the way ahead. */
  showRoute(car: Car | null): void {
    const route = this.offered ?? car?.ahead ?? null;
    if (route || this.hasRoute) {
      this.map?.setRoute(route);
    }
    this.hasRoute = route !== null;
  }

  /** Brings the car and its way into view. */
  look(): void {
    this.map?.fitAll();
  }
}
