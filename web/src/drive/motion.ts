// A car on a route: where it is as time goes by.

import type { LonLat, Place, Report, Route } from '../api/types.ts';
import { rounded } from '../journey/geo.ts';
import { RoutePath } from '../journey/route_path.ts';
import type { PathPoint } from '../journey/route_path.ts';

/** The contract refuses faster reports. */
const FASTEST_MPS = 100;
/** For a route that says nothing of its time: 30 km/h. */
const USUAL_MPS = 8.3;

export class Motion {
  readonly path: RoutePath;
  /** Metres per second of city time, at normal speed. */
  private readonly paceMps: number;
  private alongM = 0;

  constructor(route: Route) {
    this.path = new RoutePath(route.points);
    this.paceMps = route.duration_s > 0 && this.path.lengthM > 0 ? this.path.lengthM / route.duration_s : USUAL_MPS;
  }

  /** A car that stands. */
  static at(place: Place): Motion {
    const here: LonLat = [place.lon, place.lat];
    return new Motion({ distance_m: 0, duration_s: 0, points: [here, here] });
  }

  /** Drives on for some city time at a multiple of the normal speed; gives the metres driven. */
  advance(cityS: number, multiple: number): number {
    const before = this.alongM;
    this.alongM = Math.min(this.path.lengthM, before + this.paceMps * multiple * Math.max(0, cityS));
    return this.alongM - before;
  }

  get isThere(): boolean {
    return this.alongM >= this.path.lengthM;
  }

  get restM(): number {
    return this.path.lengthM - this.alongM;
  }

  /** Seconds of city time until the end of the route. */
  restS(multiple: number): number {
    return this.restM / (this.paceMps * multiple);
  }

  get here(): PathPoint {
    return this.path.at(this.alongM);
  }

  /** The route that is still ahead, as a map draws it; null when there is none. */
  get ahead(): LonLat[] | null {
    return this.isThere ? null : this.path.rest(this.alongM);
  }

  /** Metres per second of city time; 0 at the end. */
  speedMps(multiple: number): number {
    return this.isThere ? 0 : Math.min(FASTEST_MPS, this.paceMps * multiple);
  }
}

/** What a report says of a car; the odometer counts only with a rider on board. */
export function reportOf(
  motion: Motion,
  multiple: number,
  heading: number,
  trip: string | null,
  odometerM: number | null,
): Report {
  const report: Report = {
    ...rounded(motion.here),
    heading: Math.round(heading) % 360,
    speed: Math.round(motion.speedMps(multiple) * 10) / 10,
  };
  if (trip !== null) {
    report.trip = trip;
  }
  if (odometerM !== null) {
    report.odometer_m = Math.round(odometerM);
  }
  return report;
}
