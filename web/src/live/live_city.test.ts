import assert from 'node:assert/strict';
import { test } from 'node:test';

import { latOf, lonOf } from '../map/mercator.ts';
import { Bytes, header } from './hand_made.ts';
import { LiveCity } from './live_city.ts';

const TILE: [number, number] = [8214, 5871];

function city(): LiveCity {
  return new LiveCity([256.7, 328]);
}

test('the middle of a tile lies in its middle on the map', () => {
  const live = city();
  live.frame(header(1).u32(1, 0).u32(7).u16(32_768, 32_768, 0).u8(64, 1, 0, 0).done(), 1000);
  const { x, y } = live.drivers.shownAt(0, 1000);
  // By the formulas of the XYZ scheme: longitude of x, latitude of y, at zoom 14.
  const lon = ((TILE[0] + 0.5) / 2 ** 14) * 360 - 180;
  const lat = (Math.atan(Math.sinh(Math.PI * (1 - (2 * (TILE[1] + 0.5)) / 2 ** 14))) * 180) / Math.PI;
  assert.ok(Math.abs(lonOf(x) - lon) < 1e-6, `${lonOf(x)} is not ${lon}`);
  assert.ok(Math.abs(latOf(y) - lat) < 1e-6, `${latOf(y)} is not ${lat}`);
});

test('drivers of tiles that are no longer told are forgotten', () => {
  const live = city();
  live.frame(header(1).u32(1, 0).u32(7).u16(0, 0, 0).u8(0, 1, 0, 0).done(), 0);
  live.message({ type: 'tiles', zoom: 14, mode: 'points', tiles: [TILE] });
  assert.equal(live.driverCount, 1);
  live.message({ type: 'tiles', zoom: 14, mode: 'points', tiles: [[1, 1]] });
  assert.equal(live.driverCount, 0);
});

test('counts take the place of drivers and add up', () => {
  const live = city();
  live.frame(header(1).u32(1, 0).u32(7).u16(0, 0, 0).u8(0, 1, 0, 0).done(), 0);
  live.message({ type: 'tiles', zoom: 14, mode: 'counts', tiles: [TILE] });
  live.frame(header(3, 32).u32(2).u16(0, 3, 1, 0, 1023, 0, 6, 0).done(), 0);
  assert.equal(live.driverCount, 10);
  const cells: number[][] = [];
  live.counts.each((x, y) => cells.push([x, y]));
  const width = 512 / 2 ** 14;
  const apart = [cells[1]![0]! - cells[0]![0]!, cells[0]![1]! - cells[1]![1]!];
  // From the first cell to the last: 31 of 32 cells east and south.
  assert.ok(apart.every((distance) => Math.abs(distance - (width * 31) / 32) < 1e-9), String(apart));
  live.frame(header(3, 32).u32(1).u16(5, 1, 0, 0).done(), 0);
  assert.equal(live.driverCount, 1, 'a frame replaces all cells of its tile');
});

test('all trips replace those that were known, changes add and remove', () => {
  const live = city();
  const trip = (last: number, state: number): ((bytes: Bytes) => Bytes) => (bytes) =>
    bytes.u8(...Array<number>(15).fill(0), last).u64(0x8828308281fffffn).f32(0.5, 46, 0.51, 46.01).u32(9).u16(0).u8(state, 10);
  const frame = (kind: number, trips: ((bytes: Bytes) => Bytes)[], gone: number[]): ArrayBuffer => {
    const bytes = new Bytes().u8(kind, 1, 0, 0).u32(0, 0, 1).u32(trips.length, gone.length);
    trips.forEach((add) => add(bytes));
    gone.forEach((last) => bytes.u8(...Array<number>(15).fill(0), last));
    return bytes.done();
  };
  const states = (): (number | undefined)[] =>
    [1, 2, 3].map((last) => live.trips.byId(`8828308281fffff.00000000-0000-0000-0000-00000000000${last}`)?.state);
  live.frame(frame(4, [trip(1, 0), trip(2, 4)], []), 0);
  assert.deepEqual(states(), [0, 4, undefined]);
  live.frame(frame(5, [trip(3, 1), trip(2, 3)], [1]), 0);
  assert.deepEqual(states(), [undefined, 3, 1]);
  assert.equal(live.trips.ofDriver(9)?.state, 1);
  live.frame(frame(4, [trip(1, 2)], []), 0);
  assert.deepEqual([states(), live.trips.count], [[2, undefined, undefined], 1]);
});

test('zones change one by one and are told anew after a greeting', () => {
  const live = city();
  const zone = { zone: 'a', ring: [[0, 0]] as [number, number][], demand: 1, supply: 2, speed_mps: null, surge: 100 };
  live.message({ type: 'zones', zones: [zone, { ...zone, zone: 'b' }] });
  live.message({ type: 'zones', zones: [{ ...zone, surge: 180 }] });
  assert.deepEqual([...live.zones.values()].map(({ surge }) => surge), [180, 100]);
  const clock = { real_ms: 0, city_ms: 0, speed: 1 };
  const bounds = { west: 0, south: 0, east: 1, north: 1 };
  live.message({ type: 'hello', version: 1, tick_ms: 500, tile_zoom: 14, silence_ms: 30_000, clock, bounds, now_ms: 0 });
  assert.equal(live.zones.size, 0);
});
