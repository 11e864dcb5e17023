import assert from 'node:assert/strict';
import { test } from 'node:test';

import { addressed } from './address.ts';
import { parseId } from './ids.ts';
import { storyLine } from './story_lines.ts';

const TRIP = '8828308281fffff.0192f0c1-2345-7abc-8def-0123456789ab';

test('an event is told in words, with where its record lies', () => {
  const fields = { trip: TRIP, rider: 17, at: 5, event: 'trip_completed', driver: 4711, distance_m: 4210, duration_s: 612, surge: 120 };
  const line = storyLine({ topic: 'trip-events', partition: 3, offset: 20_990, time_ms: 0, fields }, 'rider');
  assert.equal(line.what, 'Trip completed');
  assert.equal(line.where, 'trip-events, partition 3, offset 20990');
  assert.equal(line.fields, 'driver 4711, distance 4.2 km, duration 10 min, surge 1.2×');
  assert.match(line.when, /^\d\d:\d\d:\d\d\.000$/);
});

test('what somebody did names who did it, and amounts carry their currency', () => {
  const step = storyLine({ topic: 'driver-actions', partition: 0, offset: 1, time_ms: 0, fields: { step: 'pick_up', attempt: 2 } }, 'driver');
  assert.deepEqual([step.what, step.fields], ['Driver: pick up', 'attempt 2']);
  const money = { event: 'fare_calculated', base_minor: 250, total: { minor: 1223, currency: 'USD' }, pickup: { lat: 1, lon: 2 }, by: null };
  const fare = storyLine({ topic: 'fares', partition: 0, offset: 1, time_ms: 0, fields: money }, 'rider');
  assert.equal(fare.fields, 'base $2.50, total $12.23, pickup 1.00000, 2.00000');
});

test('ids of drivers and trips are told apart from everything else', () => {
  assert.deepEqual(parseId(' 4711 '), { kind: 'driver', id: '4711' });
  assert.deepEqual(parseId(TRIP.toUpperCase()), { kind: 'trip', id: TRIP });
  for (const wrong of ['', '0', '-4', '12a', TRIP.slice(1), `${TRIP}0`, '99999999999999999999']) assert.equal(parseId(wrong), null, wrong);
});

test('an address asks for a story only by the right name', () => {
  assert.deepEqual(addressed(`?trip=${TRIP}`), { kind: 'trip', id: TRIP });
  assert.deepEqual(addressed('?driver=7&big=1'), { kind: 'driver', id: '7' });
  assert.equal(addressed('?trip=7'), null);
  assert.equal(addressed('?driver='), null);
  assert.equal(addressed(''), null);
});
