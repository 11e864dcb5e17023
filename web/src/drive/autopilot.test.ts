// A car drives by itself: along the route, step by step, and counts the metres of its rider.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { DriverStatus, Route } from '../api/types.ts';
import { BOARDING_MS, errand, stepsByHand } from './autopilot.ts';
import { Car } from './car.ts';
import { UNKNOWN_DUTY } from './duty.ts';
import type { Duty } from './duty.ts';

const TRIP = { trip: 'z.1', attempt: 1, pickup: { lat: 37.78, lon: -122.4 }, dropoff: { lat: 37.79, lon: -122.4 } };
const START = { lat: 37.77, lon: -122.4 };
/** North for about 1,112 m in 100 s. */
const ROUTE: Route = { distance_m: 1112, duration_s: 100, points: [[-122.4, 37.77], [-122.4, 37.78]] };

const duty = (status: DriverStatus): Duty => ({ ...UNKNOWN_DUTY, status, job: TRIP });
const car = (): Car => new Car({ ...START, heading: 0, trip: null, odometerM: 0 }, 0);
const near = (actual: number, expected: number, within: number): void =>
  assert.ok(Math.abs(actual - expected) <= within, `${actual} is not within ${within} of ${expected}`);

test('it drives to the pickup, arrives, waits for the rider, drives on and ends', () => {
  const there = { trip: TRIP.trip, leg: 'pickup', isThere: true } as const;
  assert.deepEqual(errand(duty('to_pickup'), null, 0, null, 0), { do: 'drive', to: TRIP.pickup, trip: TRIP.trip, leg: 'pickup' });
  assert.deepEqual(errand(duty('to_pickup'), { ...there, isThere: false }, 0, null, 0), { do: 'nothing' });
  assert.deepEqual(errand(duty('to_pickup'), there, 0, null, 0), { do: 'act', step: 'arrive' });
  assert.deepEqual(errand(duty('waiting'), there, 0, null, BOARDING_MS - 1), { do: 'nothing' });
  assert.deepEqual(errand(duty('waiting'), there, 0, null, BOARDING_MS), { do: 'act', step: 'pick_up' });
  assert.deepEqual(errand(duty('on_trip'), there, 0, null, 0), { do: 'drive', to: TRIP.dropoff, trip: TRIP.trip, leg: 'dropoff' });
  assert.deepEqual(errand(duty('on_trip'), { ...there, leg: 'dropoff' }, 0, null, 0), { do: 'act', step: 'drop_off' });
  assert.deepEqual(errand({ ...duty('idle'), job: null }, there, 0, null, 0), { do: 'nothing' });
});

test('a step is said once, and again when nothing came of it', () => {
  const there = { trip: TRIP.trip, leg: 'pickup', isThere: true } as const;
  const said = { trip: TRIP.trip, step: 'arrive', atMs: 1_000 } as const;
  assert.deepEqual(errand(duty('to_pickup'), there, 0, said, 5_999), { do: 'nothing' });
  assert.deepEqual(errand(duty('to_pickup'), there, 0, said, 6_000), { do: 'act', step: 'arrive' });
  assert.deepEqual(errand(duty('to_pickup'), there, 0, { ...said, trip: 'z.0' }, 1_001), { do: 'act', step: 'arrive' });
});

test('by hand there is a button for each step that fits', () => {
  assert.deepEqual(stepsByHand(duty('to_pickup')), ['arrive', 'cancel']);
  assert.deepEqual(stepsByHand(duty('on_trip')), ['drop_off']);
  assert.deepEqual(stepsByHand({ ...duty('idle'), job: null }), []);
});

test('a car goes as far as city time and its speed say, and stops at the end', () => {
  const driven = car();
  driven.follow(ROUTE, { trip: TRIP.trip, leg: 'pickup' }, TRIP.pickup);
  driven.advance(1_000, 20);
  near(driven.restM, 1112 - 222, 2);
  near(driven.restS, 80, 0.5);
  driven.multiple = 2;
  driven.advance(2_000, 20);
  near(driven.restM, 1112 - 667, 3);
  near(driven.report().speed ?? 0, 22.2, 0.1);
  driven.advance(60_000, 20);
  assert.deepEqual(driven.course, { trip: TRIP.trip, leg: 'pickup', isThere: true });
  assert.deepEqual(driven.report(), { lat: 37.78, lon: -122.4, heading: 0, speed: 0 });
  assert.equal(driven.ahead, null);
});

test('reports never name more speed than a car can have', () => {
  const driven = car();
  driven.follow({ ...ROUTE, duration_s: 30 }, null, TRIP.pickup);
  driven.multiple = 4;
  assert.equal(driven.report().speed, 100);
});

test('metres count with the rider on board, trip by trip, and over a reload', () => {
  const driven = car();
  driven.work(TRIP.trip, false);
  driven.follow(ROUTE, { trip: TRIP.trip, leg: 'pickup' }, TRIP.pickup);
  driven.advance(100_000, 1);
  assert.equal(driven.metresWithRider, null);
  assert.equal(driven.report().odometer_m, undefined);
  driven.work(TRIP.trip, true);
  driven.follow({ ...ROUTE, points: [[-122.4, 37.78], [-122.4, 37.79]] }, { trip: TRIP.trip, leg: 'dropoff' }, TRIP.dropoff);
  driven.advance(150_000, 1);
  near(driven.metresWithRider ?? 0, 556, 2);
  const again = new Car(driven.parked, 0);
  again.work(TRIP.trip, true);
  near(again.report().odometer_m ?? 0, 556, 2);
  assert.equal(again.report().trip, TRIP.trip);
  again.work('z.2', true);
  assert.equal(again.metresWithRider, 0);
});

test('the way to the road and from the road is driven, too', () => {
  const driven = car();
  const beside = { lat: 37.781, lon: -122.4 };
  driven.follow({ ...ROUTE, points: [[-122.399, 37.77], [-122.399, 37.78]] }, null, beside);
  near(driven.restM, 88 + 1112 + 142, 3);
});
