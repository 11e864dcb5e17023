// A ride under way: follows its events until its end, over reloads and broken connections.

import type { RideEvents } from '../api/events.ts';
import { EventStream } from '../api/event_stream.ts';
import type { StreamState } from '../api/event_stream.ts';
import type { ProblemError } from '../api/problem.ts';
import { asProblem } from '../api/problem.ts';
import { cancelRide, ride as fetchRide, rideEventsPath } from '../api/rides.ts';
import type { Ride } from '../api/types.ts';
import { keep, readKept } from '../journey/kept.ts';
import { begin, follow, isOver } from './live_ride.ts';
import type { LiveRide, RideEvent } from './live_ride.ts';

const KEPT = 'hailstorm.ride';
/** A ride that was just asked for may not be known everywhere yet. */
const UNKNOWN_FOR_MS = 10_000;
/** The fare is usually there a second after the end. */
const FARE_PAUSE_MS = 2_000;
const FARE_TRIES = 10;
/** A cancellation that changes nothing for this long came too late. */
const CANCEL_PATIENCE_MS = 6_000;

/** What a reload needs to go on. */
interface Kept {
  id: string;
  lastEventId: string | null;
  times: LiveRide['times'];
}

export interface RidingTold {
  changed: (live: LiveRide, event: RideEvent | null) => void;
  connection: (state: StreamState, problem: ProblemError | null) => void;
  ended: (live: LiveRide) => void;
  /** The request to cancel came to nothing: with the problem, or null if the ride simply went on. */
  notCancelled: (problem: ProblemError | null) => void;
}

export class Riding {
  private readonly told: RidingTold;
  private stream: EventStream<RideEvents> | null = null;
  private live: LiveRide | null = null;
  private kept: Kept | null = null;
  private beganMs = 0;
  /** Events of a resumed stream that came before the ride itself. */
  private readonly early: RideEvent[] = [];

  constructor(told: RidingTold) {
    this.told = told;
  }

  get current(): LiveRide | null {
    return this.live;
  }

  /** The ride that a reload interrupted. */
  static kept(): string | null {
    return readKept<Kept>(sessionStorage, KEPT)?.id ?? null;
  }

  /** Follows a ride that was just asked for. */
  start(ride: Ride): void {
    this.live = begin(ride);
    this.kept = { id: ride.id, lastEventId: null, times: this.live.times };
    this.told.changed(this.live, null);
    this.open();
  }

  /** Follows the ride that a reload interrupted. */
  resume(): void {
    this.kept = readKept<Kept>(sessionStorage, KEPT);
    this.open();
  }

  /** Ends following; the ride itself goes on. */
  stop(): void {
    this.stream?.close();
    this.stream = null;
    this.live = null;
    this.kept = null;
    keep(sessionStorage, KEPT, null);
  }

  async cancel(): Promise<void> {
    const id = this.kept?.id;
    if (!id) {
      return;
    }
    try {
      await cancelRide(id, 'changed_mind');
    } catch (error) {
      this.told.notCancelled(asProblem(error));
      return;
    }
    setTimeout(() => {
      if (this.kept?.id === id && this.live && !isOver(this.live.ride.state)) {
        this.told.notCancelled(null);
      }
    }, CANCEL_PATIENCE_MS);
  }

  private open(): void {
    const { kept } = this;
    if (!kept) {
      return;
    }
    keep(sessionStorage, KEPT, kept);
    this.beganMs = Date.now();
    this.connect(kept);
  }

  private connect(kept: Kept): void {
    this.stream?.close();
    this.early.length = 0;
    const hear = <Name extends keyof RideEvents>(name: Name) => (data: RideEvents[Name], id: string | null): void =>
      this.hear({ name, data } as RideEvent, id);
    this.stream = new EventStream<RideEvents>(rideEventsPath(kept.id), {
      on: {
        ride: hear('ride'),
        state: hear('state'),
        position: hear('position'),
        eta: hear('eta'),
        meter: hear('meter'),
        fare: hear('fare'),
        end: hear('end'),
      },
      onState: (state, problem) => this.connection(kept, state, problem),
      lastEventId: kept.lastEventId,
      endsWith: 'end',
    });
  }

  private connection(kept: Kept, state: StreamState, problem: ProblemError | null): void {
    const isTooEarly = problem?.problem.status === 404 && Date.now() - this.beganMs < UNKNOWN_FOR_MS && this.live !== null;
    if (state === 'failed' && isTooEarly) {
      setTimeout(() => {
        if (this.kept === kept) {
          this.connect(kept);
        }
      }, 1_000);
      return;
    }
    this.told.connection(state, problem);
  }

  private hear(event: RideEvent, id: string | null): void {
    if (!this.kept) {
      return;
    }
    if (!this.live && event.name !== 'ride') {
      // What was missed comes before the ride itself.
      this.early.push(event);
      this.keepId(id);
      return;
    }
    this.live = this.known(event);
    this.kept.times = this.live.times;
    this.keepId(id);
    this.told.changed(this.live, event);
    if (event.name === 'end') {
      void this.finish(this.live, FARE_TRIES);
    }
  }

  /** What is known with this event. */
  private known(event: RideEvent): LiveRide {
    const before = this.live ?? (event.name === 'ride' ? begin(event.data, this.kept?.times) : null);
    if (!before) {
      throw new Error('the first event is the ride itself');
    }
    const missed = this.early.splice(0);
    return follow(missed.reduce(follow, before), event);
  }

  private keepId(lastEventId: string | null): void {
    if (this.kept) {
      this.kept.lastEventId = lastEventId;
      keep(sessionStorage, KEPT, this.kept);
    }
  }

  /** The last word: with the fare, if it comes at all. */
  private async finish(live: LiveRide, tries: number): Promise<void> {
    this.told.ended(live);
    const { ride } = live;
    if (ride.state !== 'completed' || ride.fare || tries === 0) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, FARE_PAUSE_MS));
    if (this.kept?.id !== ride.id) {
      return;
    }
    const fresh = await fetchRide(ride.id).catch(() => ride);
    if (this.kept?.id === ride.id) {
      this.live = { ...live, ride: { ...ride, fare: fresh.fare } };
      await this.finish(this.live, tries - 1);
    }
  }
}
