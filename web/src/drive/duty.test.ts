// A driver is at what both the snapshots and the facts of the trip say, whichever comes first.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { DriverStatus, TripState } from '../api/types.ts';
import { UNKNOWN_DUTY, expire, hear, isOnShift } from './duty.ts';
import type { Duty, DutyEvent } from './duty.ts';
import { earn, earned } from './earnings.ts';

const TRIP = { trip: 'z.1', attempt: 2, pickup: { lat: 1, lon: 1 }, dropoff: { lat: 2, lon: 2 } };

const snapshot = (status: DriverStatus, isKept = false): DutyEvent =>
  ({ name: 'driver', data: { id: 9_000_001, status, assignment: isKept ? TRIP : null } });
const offer = (expires_in_ms = 15_000): DutyEvent =>
  ({ name: 'offer', data: { ...TRIP, expires_at_ms: 99, expires_in_ms } });
const step = (state: TripState, by?: string): DutyEvent =>
  ({ name: 'trip', data: { trip: TRIP.trip, state, event: 'x', at_ms: 1, ...(by === undefined ? {} : { by }) } });

const after = (events: DutyEvent[], moment = 1_000): Duty =>
  events.reduce((duty, event) => hear(duty, event, moment), UNKNOWN_DUTY);

test('an offer has the time that the city gives it, by a clock of its own', () => {
  const duty = after([snapshot('idle'), snapshot('reserved', true), offer()]);
  assert.equal(duty.status, 'reserved');
  assert.deepEqual([duty.offer?.endsMs, duty.offer?.wholeMs], [16_000, 15_000]);
  const told = hear(duty, offer(9_000), 7_000);
  assert.deepEqual([told.offer?.endsMs, told.offer?.wholeMs], [16_000, 15_000]);
  assert.equal(expire(duty, 15_999), duty);
  assert.equal(expire(duty, 16_000).offer, null);
});

test('a trip goes forward, whichever source is ahead', () => {
  const ways: DutyEvent[][] = [
    [offer(), step('matched'), snapshot('to_pickup', true), step('arrived'), snapshot('waiting', true)],
    [offer(), snapshot('to_pickup', true), step('matched'), snapshot('waiting', true), step('arrived')],
    [offer(), step('matched'), step('arrived'), snapshot('to_pickup', true), snapshot('waiting', true)],
  ];
  for (const way of ways) {
    const duty = after([snapshot('idle'), snapshot('reserved', true), ...way]);
    assert.equal(duty.status, 'waiting');
    assert.equal(duty.offer, null);
    assert.deepEqual(duty.job, TRIP);
  }
});

test('a snapshot of a trip that has ended brings nothing back', () => {
  const riding = [snapshot('idle'), offer(), step('matched'), step('arrived'), step('started')];
  const duty = after([...riding, step('completed'), snapshot('on_trip', true)]);
  assert.deepEqual([duty.status, duty.job, duty.note], ['idle', null, 'Trip completed.']);
  assert.equal(hear(duty, snapshot('idle'), 0).status, 'idle');
  assert.match(after([...riding, step('cancelled', 'rider')]).note ?? '', /rider cancelled/);
});

test('a snapshot that is behind does not take an open offer away', () => {
  const duty = after([snapshot('reserved', true), offer(), snapshot('idle')]);
  assert.equal(duty.offer?.trip, TRIP.trip);
  const ended = hear(duty, { name: 'offer_ended', data: { trip: TRIP.trip, attempt: 2, reason: 'expired' } }, 0);
  assert.equal(ended.offer, null);
  assert.match(ended.note ?? '', /ran out/);
  const other = hear(duty, { name: 'offer_ended', data: { trip: TRIP.trip, attempt: 1, reason: 'declined' } }, 0);
  assert.equal(other, duty);
});

test('a page that comes in the middle of a trip learns it from the snapshot', () => {
  const duty = after([snapshot('on_trip', true)]);
  assert.deepEqual([duty.status, duty.job], ['on_trip', TRIP]);
  assert.ok(isOnShift(duty));
  assert.ok(!isOnShift(after([snapshot('offline')])));
  assert.ok(!isOnShift(UNKNOWN_DUTY));
});

test('a fare enters the earnings once', () => {
  const fare = (trip: string, minor: number) =>
    ({ trip, at_ms: 1, total: { minor, currency: 'USD' }, base_minor: 0, distance_minor: 0, time_minor: 0, distance_m: 1, duration_s: 1 });
  const fares = [fare('a', 500), fare('b', 700), fare('a', 500)].reduce(earn, []);
  assert.deepEqual(fares.map(({ trip }) => trip), ['a', 'b']);
  assert.deepEqual(earned(fares), { minor: 1200, currency: 'USD' });
  assert.equal(earned([]), null);
});
