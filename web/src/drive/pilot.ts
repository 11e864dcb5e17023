// Does what comes next: drives the car by itself or as told by hand, and says the driver's steps to the city.

import { asProblem } from '../api/problem.ts';
import type { ProblemError } from '../api/problem.ts';
import { route as fetchRoute } from '../api/rides.ts';
import type { Action, DriverStep, Place } from '../api/types.ts';
import { errand } from './autopilot.ts';
import type { Leg, Said } from './autopilot.ts';
import type { Car } from './car.ts';
import type { Duty } from './duty.ts';

/** A route that could not be had is looked up again after this time. */
const ROUTE_AGAIN_MS = 3_000;

export interface PilotTold {
  /** The car got a route or lost it. */
  routed: () => void;
  /** A step is on its way, or no step any more. */
  saying: (step: DriverStep | null) => void;
  /** Something did not work; null when it does again. */
  trouble: (problem: ProblemError | null) => void;
}

export class Pilot {
  readonly car: Car;
  isAuto = true;
  private readonly send: (action: Action) => Promise<void>;
  private readonly told: PilotTold;
  private status: Duty['status'] = null;
  private sinceMs = 0;
  private said: Said | null = null;
  private isRouting = false;
  private routeAfterMs = 0;
  private hasTrouble = false;

  constructor(car: Car, send: (action: Action) => Promise<void>, told: PilotTold) {
    this.car = car;
    this.send = send;
    this.told = told;
  }

  /** Looks at what is known and does the next thing. */
  tick(duty: Duty, nowMs: number): void {
    if (duty.status === null) {
      // Nothing is known yet: a trip that a reload interrupted must not be forgotten.
      return;
    }
    if (duty.status !== this.status) {
      this.status = duty.status;
      this.sinceMs = nowMs;
    }
    this.car.work(duty.job?.trip ?? null, duty.status === 'on_trip');
    if (!duty.job && this.car.course) {
      this.car.halt();
      this.told.routed();
    }
    if (!this.isAuto) {
      return;
    }
    const next = errand(duty, this.car.course, this.sinceMs, this.said, nowMs);
    if (next.do === 'drive' && !this.isRouting && nowMs >= this.routeAfterMs) {
      void this.drive(next.to, { trip: next.trip, leg: next.leg });
    } else if (next.do === 'act') {
      void this.say(duty, next.step, nowMs);
    }
  }

  /** Drives to a place by hand. */
  driveTo(place: Place): void {
    void this.drive(place, null);
  }

  /** Says a step; gives whether it got through. */
  async say(duty: Duty, step: DriverStep, nowMs: number): Promise<boolean> {
    const about = step === 'accept' || step === 'decline' ? duty.offer : duty.job;
    if (!about) {
      return false;
    }
    const said = { trip: about.trip, step, atMs: nowMs };
    this.said = said;
    const action: Action = { trip: about.trip, attempt: about.attempt, step };
    if (step === 'drop_off') {
      action.odometer_m = this.car.metresWithRider ?? 0;
    }
    this.told.saying(step);
    try {
      await this.send(action);
      this.fine();
      return true;
    } catch (error) {
      this.failed(error);
      return false;
    } finally {
      if (this.said === said) {
        this.told.saying(null);
      }
    }
  }

  private async drive(to: Place, goal: { trip: string; leg: Leg } | null): Promise<void> {
    this.isRouting = true;
    try {
      const route = await fetchRoute(this.car.parked, to);
      // A few metres on the same street are driven without the way round by the junction.
      this.car.follow(route.distance_m > 0 ? route : { ...route, points: [] }, goal, to);
      this.fine();
      this.told.routed();
    } catch (error) {
      this.routeAfterMs = performance.now() + ROUTE_AGAIN_MS;
      this.failed(error);
    } finally {
      this.isRouting = false;
    }
  }

  private failed(error: unknown): void {
    this.hasTrouble = true;
    this.told.trouble(asProblem(error));
  }

  private fine(): void {
    if (this.hasTrouble) {
      this.hasTrouble = false;
      this.told.trouble(null);
    }
  }
}
