// What is known of a driver or a trip at this moment, as names and values.

import { driver } from '../api/drivers.ts';
import { ride } from '../api/rides.ts';
import type { DriverView, Place, Ride } from '../api/types.ts';
import { cityTimeText, distanceText, durationText, moneyText, placeText, stateText, surgeText } from '../journey/words.ts';
import type { Picked } from './picker.ts';

export interface Facts {
  rows: [name: string, value: string][];
  /** Where it is, or begins. */
  place: Place | null;
  /** What else belongs to it and has a story. */
  related: Picked | null;
  /** Nothing will be added to its story any more. */
  isOver: boolean;
}

const OVER: readonly Ride['state'][] = ['completed', 'cancelled', 'unfulfilled'];

const STATUS_WORDS: Record<DriverView['status'], string> = {
  offline: 'Off shift',
  idle: 'Idle',
  reserved: 'Offered a trip',
  to_pickup: 'On the way to the pickup',
  waiting: 'Waits at the pickup',
  on_trip: 'On a trip',
};

/** Asks the gateway. */
export async function factsOf({ kind, id }: Picked, signal: AbortSignal): Promise<Facts> {
  return kind === 'driver' ? driverFacts(await driver(Number(id), signal)) : rideFacts(await ride(id, signal));
}

function driverFacts(view: DriverView): Facts {
  const rows: Facts['rows'] = [['State', STATUS_WORDS[view.status] ?? view.status]];
  if (view.since_ms) rows.push(['Since', cityTimeText(view.since_ms)]);
  if (view.position) rows.push(['Position', placeText(view.position)]);
  if (typeof view.speed === 'number') rows.push(['Speed', `${(view.speed * 3.6).toFixed(0)} km/h`]);
  if (view.at_ms) rows.push(['Reported', cityTimeText(view.at_ms)]);
  return { rows, place: view.position, related: view.trip === null ? null : { kind: 'trip', id: view.trip }, isOver: false };
}

function rideFacts(view: Ride): Facts {
  const rows: Facts['rows'] = [
    ['State', stateText(view.state)],
    ['Rider', String(view.rider)],
    ['Requested', cityTimeText(view.requested_at_ms)],
    ['Pickup', placeText(view.pickup)],
    ['Drop-off', placeText(view.dropoff)],
    ['Surge', surgeText(view.surge)],
  ];
  if (view.driver) rows.push(['Driver', String(view.driver.id)]);
  if (view.eta && !OVER.includes(view.state)) {
    rows.push([view.eta.leg === 'pickup' ? 'To pickup' : 'To drop-off', `${durationText(view.eta.eta_s)}, ${distanceText(view.eta.remaining_m)}`]);
  }
  const driven = view.fare ?? view.meter;
  if (driven) rows.push([view.fare ? 'Fare' : 'Meter', `${moneyText(driven.total)}, ${distanceText(driven.distance_m)}, ${durationText(driven.duration_s)}`]);
  return {
    rows,
    place: view.driver ?? view.pickup,
    related: view.driver ? { kind: 'driver', id: String(view.driver.id) } : null,
    isOver: OVER.includes(view.state),
  };
}
