// The city's clock is a straight line, also when this machine's clock is wrong.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { OWN_TIME, cityMs, clocksOf, serverMs } from './city_clock.ts';

const HELLO = { type: 'hello', clock: { real_ms: 1_000, city_ms: 500_000, speed: 60 }, now_ms: 2_000 };

test('the city runs so many times as fast', () => {
  const clocks = clocksOf(HELLO, 2_000);
  assert.ok(clocks);
  assert.equal(cityMs(clocks, 2_000), 560_000);
  assert.equal(cityMs(clocks, 3_000), 620_000);
});

test('a machine whose clock is an hour behind sees the same time', () => {
  const clocks = clocksOf(HELLO, 2_000 - 3_600_000);
  assert.ok(clocks);
  assert.equal(serverMs(clocks, 2_000 - 3_600_000), 2_000);
  assert.equal(cityMs(clocks, 2_000 - 3_600_000), 560_000);
});

test('other messages hold no clock', () => {
  for (const message of [null, {}, { type: 'tiles' }, { type: 'hello' }, { ...HELLO, clock: { ...HELLO.clock, speed: 0 } }]) {
    assert.equal(clocksOf(message, 0), null);
  }
  assert.equal(cityMs(OWN_TIME, 77), 77);
});
