// The car of this page: it stands or drives along a route, and counts metres while a rider is on board.

import type { LonLat, Place, Report, Route } from '../api/types.ts';
import { distanceM } from '../journey/geo.ts';
import type { Course, Leg } from './autopilot.ts';
import { Motion, reportOf } from './motion.ts';

/** What a reload needs to go on. */
export interface ParkedCar extends Place {
  heading: number;
  trip: string | null;
  odometerM: number;
}

/** Further away from the road than a pavement is wide: the car drives there, too. */
const BESIDE_M = 5;

export class Car {
  private motion: Motion;
  private heading: number;
  private goal: { trip: string; leg: Leg } | null = null;
  private lastMs: number;
  private trip: string | null;
  private isCounting = false;
  private odometerM: number;
  /** Of the normal speed. */
  multiple = 1;

  constructor(parked: ParkedCar, nowMs: number) {
    this.motion = Motion.at(parked);
    this.heading = parked.heading;
    this.trip = parked.trip;
    this.odometerM = parked.odometerM;
    this.lastMs = nowMs;
  }

  /** Drives on until `nowMs`; the city's time runs `speed` times as fast. */
  advance(nowMs: number, speed: number): void {
    const cityS = ((nowMs - this.lastMs) / 1000) * speed;
    this.lastMs = nowMs;
    const driven = this.motion.advance(cityS, this.multiple);
    if (driven > 0) {
      this.heading = this.motion.here.heading;
    }
    if (this.isCounting) {
      this.odometerM += driven;
    }
  }

  /** Takes a route; the way from here to its beginning belongs to it. */
  follow(route: Route, goal: { trip: string; leg: Leg } | null, target: Place): void {
    const here = this.motion.here;
    const points = [...route.points];
    const first = points[0];
    if (!first || distanceM(here, { lat: first[1], lon: first[0] }) > BESIDE_M) {
      points.unshift([here.lon, here.lat]);
    }
    const last = points.at(-1) as LonLat;
    if (distanceM(target, { lat: last[1], lon: last[0] }) > BESIDE_M) {
      points.push([target.lon, target.lat]);
    }
    this.motion = new Motion({ ...route, points });
    this.goal = goal;
  }

  /** Stops where it is. */
  halt(): void {
    this.motion = Motion.at(this.motion.here);
    this.goal = null;
  }

  /** Works for a trip; metres count with the rider on board. A new trip begins at 0. */
  work(trip: string | null, isOnBoard: boolean): void {
    if (trip !== null && trip !== this.trip) {
      this.odometerM = 0;
    }
    this.trip = trip;
    this.isCounting = trip !== null && isOnBoard;
  }

  get course(): Course | null {
    return this.goal && { ...this.goal, isThere: this.motion.isThere };
  }

  get parked(): ParkedCar {
    const { lat, lon } = this.motion.here;
    return { lat, lon, heading: this.heading, trip: this.trip, odometerM: this.odometerM };
  }

  get isMoving(): boolean {
    return !this.motion.isThere;
  }

  get restM(): number {
    return this.motion.restM;
  }

  get restS(): number {
    return this.motion.restS(this.multiple);
  }

  get ahead(): LonLat[] | null {
    return this.motion.ahead;
  }

  get metresWithRider(): number | null {
    return this.isCounting ? Math.round(this.odometerM) : null;
  }

  report(): Report {
    return reportOf(this.motion, this.multiple, this.heading, this.trip, this.metresWithRider);
  }
}
