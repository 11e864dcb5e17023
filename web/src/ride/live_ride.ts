// A ride as its events tell it: a pure function from what is known and one event to what is known then.

import type { RideEvents, StateNews } from '../api/events.ts';
import type { Ride, TripState } from '../api/types.ts';

/** What a page knows of the ride it shows. */
export interface LiveRide {
  ride: Ride;
  /** City time of each state that was seen. */
  times: Partial<Record<TripState, number>>;
  /** How many drivers were asked. */
  asked: number;
  /** Why it ended without an arrival, as a short code. */
  reason: string | null;
  endedBy: string | null;
  hasEnded: boolean;
}

/** The way of a ride that succeeds. */
export const WAY: TripState[] = ['requested', 'offered', 'matched', 'arrived', 'started', 'completed'];

export interface Step {
  state: TripState;
  progress: 'done' | 'now' | 'todo';
  atMs: number | null;
}

/** One event of a ride's stream. */
export type RideEvent = { [Name in keyof RideEvents]: { name: Name; data: RideEvents[Name] } }[keyof RideEvents];

/** What is known from the ride alone. */
export function begin(ride: Ride, times: LiveRide['times'] = {}): LiveRide {
  return {
    ride,
    times: { requested: ride.requested_at_ms, ...times },
    asked: ride.state === 'requested' ? 0 : 1,
    reason: null,
    endedBy: null,
    hasEnded: false,
  };
}

/** What is known after an event. */
export function follow(live: LiveRide, event: RideEvent): LiveRide {
  const { ride } = live;
  switch (event.name) {
    case 'ride':
      return { ...live, ride: event.data, times: timesUntil(event.data.state, live.times, event.data.requested_at_ms) };
    case 'state':
      return moved(live, event.data);
    case 'position':
      return { ...live, ride: { ...ride, driver: event.data, driver_id: event.data.id } };
    case 'eta':
      return { ...live, ride: { ...ride, eta: event.data } };
    case 'meter':
      return { ...live, ride: { ...ride, meter: event.data } };
    case 'fare':
      return { ...live, ride: { ...ride, fare: event.data } };
    case 'end':
      return { ...live, hasEnded: true };
  }
}

function moved(live: LiveRide, news: StateNews): LiveRide {
  const times = timesUntil(news.state, { ...live.times, [news.state]: news.at_ms }, live.ride.requested_at_ms);
  const holds = isHeld(news.state);
  const driverId = holds ? (news.driver ?? live.ride.driver_id) : null;
  const ride: Ride = {
    ...live.ride,
    state: news.state,
    driver_id: driverId,
    driver: holds && live.ride.driver?.id === driverId ? live.ride.driver : null,
    // The estimate of the way to the pickup says nothing about the ride.
    eta: live.ride.eta && fits(live.ride.eta.leg, news.state) ? live.ride.eta : null,
  };
  return {
    ...live,
    ride,
    times,
    asked: live.asked + (news.event === 'offer_made' ? 1 : 0),
    reason: news.reason ?? live.reason,
    endedBy: news.by ?? live.endedBy,
  };
}

/** Whether the trip holds a driver whom the rider may see. */
function isHeld(state: TripState): boolean {
  return state === 'matched' || state === 'arrived' || state === 'started' || state === 'completed';
}

function fits(leg: 'pickup' | 'dropoff', state: TripState): boolean {
  return leg === 'pickup' ? state === 'matched' : state === 'started';
}

/** The times of the states up to this one: what came later before a driver was lost did not come yet. */
function timesUntil(state: TripState, times: LiveRide['times'], requestedMs: number): LiveRide['times'] {
  const kept = { ...times, requested: requestedMs };
  const index = WAY.indexOf(state);
  for (const later of index === -1 ? [] : WAY.slice(index + 1)) {
    delete kept[later];
  }
  return kept;
}

export function isOver(state: TripState): boolean {
  return state === 'completed' || state === 'cancelled' || state === 'unfulfilled';
}

/** The way of the ride with what is done of it; a ride that came to nothing ends where it stopped. */
export function stepsOf({ ride, times }: LiveRide): Step[] {
  const at = WAY.indexOf(ride.state);
  const reached = at === -1 ? WAY.reduce((last, state, index) => (times[state] === undefined ? last : index), 0) : at;
  const steps = WAY.map((state, index): Step => {
    const isDone = index < reached || (index === reached && (at === -1 || ride.state === 'completed'));
    const progress = isDone ? 'done' : index === at ? 'now' : 'todo';
    return { state, progress, atMs: progress === 'todo' ? null : (times[state] ?? null) };
  });
  if (at !== -1) {
    return steps;
  }
  return [...steps.slice(0, reached + 1), { state: ride.state, progress: 'done', atMs: times[ride.state] ?? null }];
}

/** Seconds of city time until the end of the leg, at a moment of city time; null if nothing is known. */
export function etaLeftS({ ride }: LiveRide, cityNowMs: number): number | null {
  if (!ride.eta || !fits(ride.eta.leg, ride.state)) {
    return null;
  }
  return Math.max(0, ride.eta.eta_s - Math.max(0, cityNowMs - ride.eta.at_ms) / 1000);
}

const REASONS: Record<string, string> = {
  no_driver: 'No driver was free nearby. Try again, or from another place.',
  driver_cancelled: 'The driver gave the trip up.',
  driver_vanished: 'The driver was not heard of any more.',
};

/** Why a ride came to nothing, in a sentence. */
export function endText({ ride, reason, endedBy }: LiveRide): string {
  const known = reason === null ? undefined : REASONS[reason];
  if (known) {
    return known;
  }
  if (ride.state === 'unfulfilled') {
    return 'No driver was found in time.';
  }
  if (endedBy === 'rider') {
    return 'You cancelled it.';
  }
  return reason ? `It ended early: ${reason.replaceAll('_', ' ')}.` : 'It ended early.';
}
