// Two places are chosen one after the other, and asking twice is asking once.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { distanceM } from '../journey/geo.ts';
import { askFor, isFresh, newKey } from './ask.ts';
import { NOTHING_CHOSEN, aim, choose, chosenEnds, surprise } from './choice.ts';

const A = { lat: 37.77, lon: -122.42 };
const B = { lat: 37.79, lon: -122.4 };

test('the first click is the pickup, the second the drop-off, later ones move the drop-off', () => {
  const one = choose(NOTHING_CHOSEN, 'pickup', A);
  assert.equal(one.next, 'dropoff');
  const two = choose(one, one.next, B);
  assert.deepEqual(chosenEnds(two), { pickup: A, dropoff: B });
  assert.equal(two.next, 'dropoff');
});

test('an end that is aimed at is set next, and one that is taken away is asked for again', () => {
  const both = choose(choose(NOTHING_CHOSEN, 'pickup', A), 'dropoff', B);
  assert.equal(aim(both, 'pickup').next, 'pickup');
  const without = choose(both, 'pickup', null);
  assert.equal(without.next, 'pickup');
  assert.equal(chosenEnds(without), null);
  assert.equal(choose(NOTHING_CHOSEN, 'dropoff', B).next, 'pickup');
});

test('a surprise goes between two places of the city some way apart', () => {
  const places = [A, { lat: 37.7701, lon: -122.42 }, B, { lat: 37.9, lon: -122.1 }];
  let seed = 1;
  const random = (): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  for (let round = 0; round < 50; round += 1) {
    const ends = surprise(places, random);
    assert.ok(ends);
    const apart = distanceM(ends.pickup, ends.dropoff);
    assert.ok(apart >= 1_500 && apart <= 6_000, `${apart} m`);
  }
  assert.equal(surprise([], random), null);
  assert.equal(surprise([A], random), null);
});

test('the same wish keeps its key, another one gets another', () => {
  let keys = 0;
  const key = (): string => `key ${(keys += 1)}`;
  const first = askFor({ rider: 1, pickup: A, dropoff: B }, null, key, 0);
  const again = askFor({ rider: 1, pickup: { ...A }, dropoff: { ...B } }, first, key, 50_000);
  assert.equal(again.key, first.key);
  assert.notEqual(askFor({ rider: 1, pickup: B, dropoff: A }, first, key, 0).key, first.key);
  assert.ok(isFresh(first, 119_000));
  assert.ok(!isFresh(first, 121_000));
});

test('keys are version 4 UUIDs, also without a secure context', () => {
  const form = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  assert.match(newKey(), form);
  const secure = Object.getOwnPropertyDescriptor(Crypto.prototype, 'randomUUID');
  Object.defineProperty(Crypto.prototype, 'randomUUID', { value: undefined, configurable: true });
  try {
    assert.match(newKey(), form);
    assert.notEqual(newKey(), newKey());
  } finally {
    Object.defineProperty(Crypto.prototype, 'randomUUID', secure as PropertyDescriptor);
  }
});
