// A ride is what its events made of it.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { StateNews } from '../api/events.ts';
import type { Fare, Ride, TripState } from '../api/types.ts';
import { billOf } from './bill.ts';
import { begin, endText, etaLeftS, follow, stepsOf } from './live_ride.ts';
import type { LiveRide } from './live_ride.ts';

const RIDE: Ride = {
  id: '8828308281fffff.0192f0c1-2345-7abc-8def-0123456789ab',
  rider: 9_000_017,
  state: 'requested',
  pickup: { lat: 37.77, lon: -122.42 },
  dropoff: { lat: 37.79, lon: -122.4 },
  surge: 120,
  requested_at_ms: 1_000,
  driver_id: null,
  driver: null,
  eta: null,
  meter: null,
  fare: null,
};
const PLACE = { id: 4711, lat: 37.771, lon: -122.42, heading: 90, speed: 8, at_ms: 5_000 };

const change = (state: TripState, event: string, at_ms: number, more: Partial<StateNews> = {}) =>
  ({ name: 'state', data: { state, event, at_ms, ...more } }) as const;

const progress = (live: LiveRide): string => stepsOf(live).map((step) => `${step.state}:${step.progress}`).join(' ');

test('each state is a step with its time', () => {
  let live = begin(RIDE);
  live = follow(live, change('offered', 'offer_made', 2_000));
  live = follow(live, change('matched', 'trip_matched', 3_000, { driver: 4711 }));
  live = follow(live, { name: 'position', data: PLACE });
  assert.equal(live.ride.driver_id, 4711);
  assert.equal(live.ride.driver?.heading, 90);
  assert.equal(progress(live), 'requested:done offered:done matched:now arrived:todo started:todo completed:todo');
  assert.deepEqual(stepsOf(live).map((step) => step.atMs), [1_000, 2_000, 3_000, null, null, null]);
});

test('an offer that came to nothing goes back to the search, and the next one counts anew', () => {
  let live = follow(begin(RIDE), change('offered', 'offer_made', 2_000));
  live = follow(live, change('requested', 'offer_declined', 3_000));
  assert.equal(progress(live), 'requested:now offered:todo matched:todo arrived:todo started:todo completed:todo');
  assert.equal(stepsOf(live)[0]?.atMs, 1_000);
  live = follow(live, change('offered', 'offer_made', 4_000));
  assert.equal(live.asked, 2);
  assert.equal(stepsOf(live)[1]?.atMs, 4_000);
});

test('a ride that is told anew replaces what was known, but times stay', () => {
  let live = follow(begin(RIDE), change('offered', 'offer_made', 2_000));
  live = follow(live, { name: 'ride', data: { ...RIDE, state: 'started', driver_id: 4711, driver: PLACE } });
  assert.equal(progress(live), 'requested:done offered:done matched:done arrived:done started:now completed:todo');
  assert.deepEqual(stepsOf(live).map((step) => step.atMs), [1_000, 2_000, null, null, null, null]);
});

test('the estimate runs down in city time and belongs to its leg', () => {
  const eta = { leg: 'pickup', eta_s: 100, remaining_m: 900, at_ms: 10_000 } as const;
  let live = follow(begin({ ...RIDE, state: 'matched', driver_id: 4711, driver: PLACE }), { name: 'eta', data: eta });
  assert.equal(etaLeftS(live, 10_000), 100);
  assert.equal(etaLeftS(live, 70_000), 40);
  assert.equal(etaLeftS(live, 999_000), 0);
  live = follow(live, change('started', 'trip_started', 200_000));
  assert.equal(etaLeftS(live, 200_000), null);
  assert.equal(live.ride.driver?.id, 4711);
});

test('a cancelled ride ends where it stood and says why', () => {
  let live = follow(begin(RIDE), change('offered', 'offer_made', 2_000));
  live = follow(live, change('matched', 'trip_matched', 3_000, { driver: 4711 }));
  live = follow(live, change('cancelled', 'trip_cancelled', 4_000, { by: 'driver', reason: 'driver_cancelled' }));
  assert.equal(progress(live), 'requested:done offered:done matched:done cancelled:done');
  assert.match(endText(live), /driver gave/);
  assert.equal(live.ride.driver, null);
  const own = follow(begin(RIDE), change('cancelled', 'trip_cancelled', 2_000, { by: 'rider', reason: 'changed_mind' }));
  assert.equal(endText(own), 'You cancelled it.');
  const nobody = follow(begin(RIDE), change('unfulfilled', 'trip_unfulfilled', 2_000, { reason: 'no_driver' }));
  assert.match(endText(nobody), /No driver was free/);
});

test('the lines of a bill add up to its total', () => {
  const fare: Fare = { base_minor: 250, distance_minor: 463, time_minor: 306, total: { minor: 1223, currency: 'USD' }, distance_m: 4210, duration_s: 612 };
  assert.deepEqual(billOf(fare, 120).map(({ label, amount }) => `${label} ${amount}`), [
    'Base $2.50', '4.2 km $4.63', '10 min $3.06', 'Surge 1.2× $2.04', 'Total $12.23',
  ]);
  const short: Fare = { ...fare, distance_minor: 11, time_minor: 9, total: { minor: 750, currency: 'USD' } };
  assert.deepEqual(billOf(short, 150).map(({ kind, amount }) => `${kind} ${amount}`), [
    'base $2.50', 'distance $0.11', 'time $0.09', 'minimum $2.30', 'surge $2.50', 'total $7.50',
  ]);
  assert.ok(billOf({ ...fare, total: { minor: 1019, currency: 'USD' } }, 100).every(({ kind }) => kind !== 'surge' && kind !== 'minimum'));
});
