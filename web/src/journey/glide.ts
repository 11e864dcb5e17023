// A marker that moves smoothly from one reported position to the next.
//
// It is always one report behind: it moves from where it is to the newest report in about the time that lies between
// two reports. If both lie on the route that is shown, it follows the route instead of cutting its corners.

import type { Place } from '../api/types.ts';
import { between, distanceM, turned } from './geo.ts';
import type { PathPoint, RoutePath } from './route_path.ts';

/** The pause between reports that is expected before two of them were seen. */
const USUAL_MS = 1_000;
const SHORTEST_MS = 150;
/** After a longer silence there is nothing to make up for. */
const LONGEST_MS = 2_500;
/** Further away from the route is not on it. */
const ON_ROUTE_M = 40;

export class Glide {
  private from: PathPoint | null = null;
  private to: PathPoint | null = null;
  private startMs = 0;
  private pauseMs = USUAL_MS;
  private along: { path: RoutePath; fromM: number; toM: number } | null = null;
  private path: RoutePath | null = null;

  /** The route that is shown, if any. */
  follow(path: RoutePath | null): void {
    this.path = path;
  }

  /** A new report; `nowMs` only ever grows. */
  report(place: Place, heading: number, nowMs: number): void {
    const here = this.at(nowMs);
    if (here && this.to) {
      const measured = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, nowMs - this.startMs));
      this.pauseMs = this.pauseMs * 0.6 + measured * 0.4;
    }
    const target = { lat: place.lat, lon: place.lon, heading };
    this.from = here ?? target;
    this.to = target;
    this.startMs = nowMs;
    this.along = this.onRoute(this.from, target);
  }

  /** Where the marker is at a moment; null before the first report. */
  at(nowMs: number): PathPoint | null {
    if (!this.from || !this.to) {
      return null;
    }
    const share = Math.min(1, Math.max(0, (nowMs - this.startMs) / this.pauseMs));
    if (share === 1) {
      return this.to;
    }
    if (this.along) {
      const { path, fromM, toM } = this.along;
      return path.at(fromM + (toM - fromM) * share);
    }
    // A car turns at the corner, not all the way along the street.
    const heading = turned(this.from.heading, this.to.heading, Math.min(1, share * 3));
    return { ...between(this.from, this.to, share), heading };
  }

  /** Whether it still moves, so that somebody has to draw it. */
  isMoving(nowMs: number): boolean {
    return this.to !== null && nowMs - this.startMs < this.pauseMs;
  }

  /** Forgets everything: the next report is where it begins. */
  reset(): void {
    this.from = null;
    this.to = null;
    this.along = null;
    this.pauseMs = USUAL_MS;
  }

  private onRoute(from: Place, to: Place): { path: RoutePath; fromM: number; toM: number } | null {
    if (!this.path || distanceM(from, to) === 0) {
      return null;
    }
    const [start, end] = [this.path.nearest(from), this.path.nearest(to)];
    const isAhead = end.alongM > start.alongM;
    if (!isAhead || start.besideM > ON_ROUTE_M || end.besideM > ON_ROUTE_M) {
      return null;
    }
    return { path: this.path, fromM: start.alongM, toM: end.alongM };
  }
}
