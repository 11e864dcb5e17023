import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ZoneState } from '../live/messages.ts';
import type { Rgba } from './palette.ts';
import { mixed, onRamp } from './ramp.ts';
import { isInside, strength, topDemand } from './zone_scale.ts';

const zone = (demand: number, surge: number): ZoneState => ({ zone: 'a', ring: [], demand, supply: 1, speed_mps: null, surge });

test('surge colours from no surge to threefold, demand to the largest there is', () => {
  assert.deepEqual([100, 200, 300].map((surge) => strength(zone(0, surge), 'surge', 10)), [0, 0.5, 1]);
  assert.deepEqual([0, 5, 10].map((demand) => strength(zone(demand, 100), 'demand', 10)), [0, 0.5, 1]);
  assert.equal(strength(zone(9, 300), 'none', 10), 0);
  assert.equal(topDemand([zone(3, 100), zone(44, 100)]), 44);
  assert.equal(topDemand([zone(1, 100)]), 10, 'one request is no crowd');
});

test('a place lies inside a ring or outside of it', () => {
  const ring: ZoneState['ring'] = [[0, 0], [4, 0], [4, 4], [2, 1], [0, 4]];
  const places: [number, number, boolean][] = [[1, 1, true], [2, 3, false], [3.9, 3, true], [5, 1, false], [2, 0.5, true]];
  for (const [lon, lat, expected] of places) assert.equal(isInside(ring, lon, lat), expected, `${lon}, ${lat}`);
  assert.equal(isInside([], 1, 1), false);
});

test('a ramp goes through all of its colours', () => {
  const ramp: Rgba[] = [[0, 0, 0, 255], [100, 0, 0, 255], [100, 200, 0, 255]];
  assert.deepEqual(onRamp(ramp, 0, 1), [0, 0, 0, 255]);
  assert.deepEqual(onRamp(ramp, 0.25, 0.5), [50, 0, 0, 128]);
  assert.deepEqual(onRamp(ramp, 0.75, 1), [100, 100, 0, 255]);
  assert.deepEqual(onRamp(ramp, 7, 1), [100, 200, 0, 255]);
  assert.deepEqual(mixed(ramp[0]!, ramp[1]!, 0.1, 1), [10, 0, 0, 255]);
});
