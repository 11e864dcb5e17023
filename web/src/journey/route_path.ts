// A route as a line to drive along: where one is after so many metres, and how far along a place lies.

import type { LonLat, Place } from '../api/types.ts';
import { bearingDeg, between, distanceM } from './geo.ts';

export interface PathPoint extends Place {
  /** Degrees clockwise from north. */
  heading: number;
}

export interface Nearest {
  /** Metres from the start. */
  alongM: number;
  /** Metres beside the line. */
  besideM: number;
}

export class RoutePath {
  readonly points: Place[];
  /** Metres from the start to each point. */
  private readonly reachedM: number[];

  /** A line through at least one point. */
  constructor(points: LonLat[]) {
    this.points = points.map(([lon, lat]) => ({ lat, lon }));
    this.reachedM = [];
    let total = 0;
    this.points.forEach((point, index) => {
      const before = this.points[index - 1];
      total += before ? distanceM(before, point) : 0;
      this.reachedM.push(total);
    });
  }

  get lengthM(): number {
    return this.reachedM.at(-1) ?? 0;
  }

  /** Where one is after some metres; kept within the line. */
  at(alongM: number): PathPoint {
    const metres = Math.min(Math.max(alongM, 0), this.lengthM);
    const index = this.streetAt(metres);
    const [start, end] = this.street(index);
    const from = this.reachedM[index] ?? 0;
    const length = (this.reachedM[index + 1] ?? from) - from;
    const share = length > 0 ? (metres - from) / length : 0;
    return { ...between(start, end, share), heading: bearingDeg(start, end) };
  }

  /** The point of the line nearest to a place. */
  nearest(place: Place): Nearest {
    let best: Nearest = { alongM: 0, besideM: Number.POSITIVE_INFINITY };
    for (let index = 0; index < Math.max(1, this.points.length - 1); index += 1) {
      const [start, end] = this.street(index);
      const share = shareAlong(start, end, place);
      const besideM = distanceM(between(start, end, share), place);
      if (besideM < best.besideM) {
        const from = this.reachedM[index] ?? 0;
        best = { alongM: from + ((this.reachedM[index + 1] ?? from) - from) * share, besideM };
      }
    }
    return best;
  }

  /** What is left of the line after some metres, as a map draws it. */
  rest(alongM: number): LonLat[] {
    const here = this.at(alongM);
    const ahead = this.points.filter((_, index) => (this.reachedM[index] ?? 0) > alongM);
    return [here, ...ahead].map(({ lat, lon }): LonLat => [lon, lat]);
  }

  /** The last street that begins at or before so many metres and has a length. */
  private streetAt(metres: number): number {
    let low = 0;
    let high = Math.max(0, this.points.length - 2);
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.reachedM[middle] ?? 0) <= metres && middle < this.points.length - 1) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    while (low > 0 && this.reachedM[low] === this.lengthM) {
      low -= 1;
    }
    return low;
  }

  private street(index: number): [Place, Place] {
    const start = this.points[index];
    if (!start) {
      throw new RangeError('a route has at least one point');
    }
    return [start, this.points[index + 1] ?? start];
  }
}

/** How far along a straight street (0..1) the point nearest to a place lies. */
function shareAlong(start: Place, end: Place, place: Place): number {
  const squeeze = Math.cos((start.lat * Math.PI) / 180);
  const [dx, dy] = [(end.lon - start.lon) * squeeze, end.lat - start.lat];
  const [px, py] = [(place.lon - start.lon) * squeeze, place.lat - start.lat];
  const square = dx * dx + dy * dy;
  return square === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / square));
}
