// What a driver is at: a pure function from what is known and one event to what is known then.
//
// Two sources tell it: the driver's snapshots and the facts of the trip. They come by different roads, so one may lag
// behind the other; within a trip this only ever goes forward.

import type { DriverEvents, OfferEndedNews } from '../api/events.ts';
import type { Assignment, DriverStatus, TripState } from '../api/types.ts';

/** An open question to the driver. */
export interface Offer extends Assignment {
  /** When it ends, by the clock that `moment` is read from. */
  endsMs: number;
  wholeMs: number;
}

export interface Duty {
  /** Null until the first snapshot came. */
  status: DriverStatus | null;
  offer: Offer | null;
  /** The trip under way, from the acceptance to its end. */
  job: Assignment | null;
  /** The last trip that ended: a snapshot that still speaks of it is old. */
  lastTrip: string | null;
  /** What happened last, for the person to read. */
  note: string | null;
}

export const UNKNOWN_DUTY: Duty = { status: null, offer: null, job: null, lastTrip: null, note: null };

export type DutyEvent = { [Name in keyof DriverEvents]: { name: Name; data: DriverEvents[Name] } }[keyof DriverEvents];

const PHASES: DriverStatus[] = ['offline', 'idle', 'reserved', 'to_pickup', 'waiting', 'on_trip'];

/** What the state of a trip makes of its driver. */
const STATUS_OF: Partial<Record<TripState, DriverStatus>> = {
  matched: 'to_pickup',
  arrived: 'waiting',
  started: 'on_trip',
};

/** What is known after an event that came at `moment` (milliseconds of a clock that never jumps). */
export function hear(duty: Duty, event: DutyEvent, moment: number): Duty {
  switch (event.name) {
    case 'driver':
      return heardSnapshot(duty, event.data.status, event.data.assignment);
    case 'offer': {
      const { expires_in_ms: leftMs, expires_at_ms: _, ...asked } = event.data;
      const wholeMs = sameTrip(duty.offer, asked) ? Math.max(duty.offer?.wholeMs ?? 0, leftMs) : leftMs;
      return { ...duty, offer: { ...asked, endsMs: moment + leftMs, wholeMs }, note: null };
    }
    case 'offer_ended':
      return sameTrip(duty.offer, event.data)
        ? { ...duty, offer: null, note: ENDINGS[event.data.reason] }
        : duty;
    case 'trip':
      return heardTrip(duty, event.data.trip, event.data.state, event.data.by ?? null);
    case 'fare':
      return duty;
  }
}

const ENDINGS: Record<OfferEndedNews['reason'], string> = {
  declined: 'You declined the offer.',
  expired: 'The offer ran out: the trip asks somebody else.',
  cancelled: 'The rider cancelled before you answered.',
};

function heardSnapshot(duty: Duty, status: DriverStatus, assignment: Assignment | null): Duty {
  if (status === 'offline') {
    return { ...UNKNOWN_DUTY, status, note: duty.note, lastTrip: duty.lastTrip };
  }
  const isOld = assignment !== null && assignment.trip === duty.lastTrip;
  if (isOld) {
    return duty;
  }
  if (status === 'idle' || status === 'reserved' || assignment === null) {
    // The release after an end and the reservation before an offer say nothing about a trip under way.
    const keepsJob = status === 'reserved' && duty.job !== null && duty.job.trip === assignment?.trip;
    return keepsJob ? duty : { ...duty, status, job: null };
  }
  const isBehind = duty.job?.trip === assignment.trip && rank(duty.status) > rank(status);
  return { ...duty, status: isBehind ? duty.status : status, job: assignment, offer: withoutTrip(duty.offer, assignment.trip) };
}

function heardTrip(duty: Duty, trip: string, state: TripState, by: string | null): Duty {
  const status = STATUS_OF[state];
  const asked = duty.job?.trip === trip ? duty.job : duty.offer?.trip === trip ? duty.offer : null;
  if (status) {
    if (!asked || trip === duty.lastTrip) {
      return duty;
    }
    const job = { trip, attempt: asked.attempt, pickup: asked.pickup, dropoff: asked.dropoff };
    const isBehind = duty.job !== null && rank(duty.status) > rank(status);
    return { ...duty, status: isBehind ? duty.status : status, job, offer: withoutTrip(duty.offer, trip), note: null };
  }
  if (state === 'completed' || state === 'cancelled' || state === 'unfulfilled') {
    if (!asked) {
      return { ...duty, lastTrip: trip };
    }
    return { ...duty, status: 'idle', job: null, offer: null, lastTrip: trip, note: endNote(state, by) };
  }
  return duty;
}

function endNote(state: TripState, by: string | null): string {
  if (state === 'completed') {
    return 'Trip completed.';
  }
  if (by === 'driver') {
    return 'You gave the trip up.';
  }
  return by === 'system' ? 'The trip took too long and was ended.' : 'The rider cancelled the trip.';
}

function rank(status: DriverStatus | null): number {
  return status === null ? -1 : PHASES.indexOf(status);
}

function sameTrip(offer: Offer | null, other: { trip: string; attempt: number }): boolean {
  return offer !== null && offer.trip === other.trip && offer.attempt === other.attempt;
}

function withoutTrip(offer: Offer | null, trip: string): Offer | null {
  return offer?.trip === trip ? null : offer;
}

/** An offer that nobody took back, whose time is over. */
export function expire(duty: Duty, moment: number): Duty {
  const isOver = duty.offer !== null && moment >= duty.offer.endsMs;
  return isOver ? { ...duty, offer: null, note: ENDINGS.expired } : duty;
}

export function isOnShift(duty: Duty): boolean {
  return duty.status !== null && duty.status !== 'offline';
}

const STATUS_TEXTS: Record<DriverStatus, string> = {
  offline: 'Off shift',
  idle: 'On shift',
  reserved: 'Offer open',
  to_pickup: 'To the pickup',
  waiting: 'At the pickup',
  on_trip: 'Rider on board',
};

const HINTS: Record<DriverStatus, string> = {
  offline: 'Choose where to begin, then go on shift.',
  idle: 'Waiting for an offer; they come by themselves.',
  reserved: 'Answer before the time runs out.',
  to_pickup: 'The rider waits at the ring on the map.',
  waiting: 'The rider gets in.',
  on_trip: 'Take the rider to the dot on the map.',
};

/** What happened last, or what there is to do. */
export function hintText({ note, status }: Duty): string {
  return note ?? (status === null ? '' : HINTS[status]);
}

export function statusText(status: DriverStatus | null): string {
  return status === null ? 'Asking the city who you are…' : STATUS_TEXTS[status];
}
