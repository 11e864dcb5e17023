// What the rider sees on the map: the choice, then the driver on the way.

import { route as fetchRoute } from '../api/rides.ts';
import type { LonLat, Place, Quote } from '../api/types.ts';
import type { TripMap } from '../journey/trip_map.ts';
import type { Choice } from './choice.ts';
import { isOver } from './live_ride.ts';
import type { LiveRide, RideEvent } from './live_ride.ts';

export class RideMap {
  private map: TripMap | null = null;
  /** Draws everything anew, for a map that comes late. */
  private redraw: () => void = () => {};
  /** The leg that is drawn: a new one is looked up once. */
  private leg = '';
  private chosen: LonLat[] | null = null;

  attach(map: TripMap): void {
    this.map = map;
    this.redraw();
  }

  showChoice({ pickup, dropoff }: Choice, quote: Quote | null): void {
    this.redraw = () => {
      this.leg = '';
      this.chosen = quote?.route ?? null;
      this.map?.noDriver();
      this.map?.setStops(pickup, dropoff);
      this.map?.setRoute(this.chosen);
      if (quote) {
        this.map?.fitAll();
      }
    };
    this.redraw();
  }

  showRide(live: LiveRide, event: RideEvent | null): void {
    this.redraw = () => {
      this.leg = '';
      this.draw(live);
    };
    this.draw(live);
    const { driver } = live.ride;
    if (driver && (event?.name === 'position' || event?.name === 'ride')) {
      this.map?.driverAt(driver, driver.heading);
    }
  }

  private draw({ ride }: LiveRide): void {
    if (!this.map) {
      return;
    }
    this.map.setStops(ride.pickup, ride.dropoff);
    if (!ride.driver || isOver(ride.state)) {
      this.map.noDriver();
    }
    const isComing = ride.state === 'matched' && ride.driver !== null;
    const leg = `${ride.id} ${isComing ? `pickup ${ride.driver?.id}` : 'dropoff'}`;
    if (leg === this.leg) {
      return;
    }
    this.leg = leg;
    if (isComing && ride.driver) {
      this.look(leg, ride.driver, ride.pickup);
    } else if (this.chosen) {
      this.map.setRoute(this.chosen);
      this.map.fitAll();
    } else {
      this.look(leg, ride.pickup, ride.dropoff);
    }
  }

  /** Looks a leg up and shows it; without an answer the map goes without. */
  private look(leg: string, from: Place, to: Place): void {
    this.map?.setRoute(null);
    this.map?.fitRoute([from, to]);
    fetchRoute(from, to).then(
      ({ points }) => {
        if (leg.endsWith('dropoff')) {
          this.chosen = points;
        }
        if (leg === this.leg) {
          this.map?.setRoute(points);
          this.map?.fitRoute([from, to]);
        }
      },
      () => {},
    );
  }
}
