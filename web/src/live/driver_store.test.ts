import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DriverStore } from './driver_store.ts';

const ORIGIN = [256, 330] as const;
/** About 50 m. */
const STEP = 0.0009;

function store(): DriverStore {
  return new DriverStore(ORIGIN, 4);
}

/** Where a driver is shown, in steps from the origin. */
function steps(drivers: DriverStore, id: number, nowMs: number): [number, number] {
  const { x, y } = drivers.shownAt(drivers.slotOf(id), nowMs);
  return [Number(((x - ORIGIN[0]) / STEP).toFixed(2)), Number(((y - ORIGIN[1]) / STEP).toFixed(2))];
}

function put(drivers: DriverStore, id: number, east: number, nowMs: number, ageS = 0, tile = 1): void {
  drivers.put(id, ORIGIN[0] + east * STEP, ORIGIN[1], 64, 1, ageS, tile, nowMs);
}

test('a driver moves to a new fix in the time that lay between the last two', () => {
  const drivers = store();
  put(drivers, 7, 0, 1000);
  put(drivers, 7, 2, 5000);
  assert.deepEqual(steps(drivers, 7, 5000), [0, 0]);
  assert.deepEqual(steps(drivers, 7, 7000), [1, 0]);
  assert.deepEqual(steps(drivers, 7, 9000), [2, 0]);
  assert.deepEqual(steps(drivers, 7, 30_000), [2, 0], 'and waits there for the next one');
});

test('a fix in the middle of a movement goes on from where the driver is shown', () => {
  const drivers = store();
  put(drivers, 7, 0, 0);
  put(drivers, 7, 4, 4000);
  put(drivers, 7, 6, 6000);
  assert.deepEqual(steps(drivers, 7, 6000), [2, 0]);
});

test('the same report told twice changes nothing but the state', () => {
  const drivers = store();
  put(drivers, 7, 0, 0);
  put(drivers, 7, 4, 4000);
  drivers.put(7, ORIGIN[0] + 4 * STEP, ORIGIN[1], 64, 5, 1, 1, 5000);
  assert.deepEqual(steps(drivers, 7, 5000), [1, 0]);
  assert.equal(drivers.shownAt(drivers.slotOf(7), 5000).state, 5);
});

test('a movement never lasts longer than ten seconds, and a jump takes none', () => {
  const drivers = store();
  put(drivers, 7, 0, 0);
  put(drivers, 7, 1, 60_000);
  assert.deepEqual(steps(drivers, 7, 70_000), [1, 0]);
  put(drivers, 7, 100, 75_000);
  assert.deepEqual(steps(drivers, 7, 75_000), [100, 0]);
});

test('who leaves a tile stays until it turns up in the next one, or goes for good', () => {
  const drivers = store();
  put(drivers, 1, 0, 0);
  put(drivers, 2, 0, 0);
  drivers.leave(1, 1, 500);
  drivers.leave(2, 1, 500);
  assert.equal(drivers.present, 0);
  put(drivers, 2, 1, 600, 0, 2);
  drivers.sweep(1000);
  assert.deepEqual([drivers.count, drivers.present], [2, 1]);
  drivers.sweep(2000);
  assert.deepEqual([drivers.slotOf(1), drivers.count], [-1, 1]);
  assert.deepEqual(steps(drivers, 2, 5000), [1, 0]);
});

test('an old tile cannot remove who is in a new one', () => {
  const drivers = store();
  put(drivers, 1, 0, 0, 0, 2);
  drivers.leave(1, 1, 100);
  drivers.sweep(5000);
  assert.equal(drivers.present, 1);
});

test('a tile that is told anew loses whoever is not in it, after the tiles beside it were told too', () => {
  const drivers = store();
  for (const id of [1, 2, 3]) put(drivers, id, id, 0);
  drivers.retell(1, 4990);
  put(drivers, 2, 2, 4990);
  drivers.sweep(4995);
  assert.equal(drivers.count, 3, 'not before the last frame of it');
  drivers.retell(2, 5000);
  put(drivers, 3, 4, 5000, 0, 2);
  drivers.sweep(6000);
  assert.deepEqual([1, 2, 3].map((id) => drivers.slotOf(id) >= 0), [false, true, true]);
  assert.deepEqual(steps(drivers, 3, 5000), [3, 0], 'the one that moved over moves on from where it was');
});

test('many drivers come, go and keep their own places', () => {
  const drivers = store();
  for (let id = 1; id <= 1000; id += 1) put(drivers, id, id, 0, 0, id % 3);
  drivers.keepTiles(new Set([1, 2]));
  assert.equal(drivers.count, 667);
  for (let id = 1; id <= 1000; id += 1) {
    const slot = drivers.slotOf(id);
    assert.equal(slot >= 0, id % 3 !== 0);
    if (slot >= 0) assert.deepEqual([drivers.idAt(slot), steps(drivers, id, 0)[0]], [id, id]);
  }
});

test('the nearest driver is found where it is shown, not where it goes', () => {
  const drivers = store();
  put(drivers, 1, 0, 0);
  put(drivers, 2, 10, 0);
  put(drivers, 1, 8, 4000);
  const nearest = (east: number, nowMs: number): number => drivers.nearest(ORIGIN[0] + east * STEP, ORIGIN[1], 2 * STEP, nowMs);
  assert.equal(drivers.idAt(nearest(0.5, 4000)), 1);
  assert.equal(nearest(5, 4000), -1);
  assert.equal(drivers.idAt(nearest(9.4, 9000)), 2);
});

test('only what changed is to be copied to the graphics card', () => {
  const drivers = store();
  for (const id of [1, 2, 3, 4]) put(drivers, id, id, 0);
  assert.deepEqual(drivers.takeChanges(), { from: 0, to: 4 });
  assert.equal(drivers.takeChanges(), null);
  put(drivers, 3, 5, 5000);
  assert.deepEqual(drivers.takeChanges(), { from: 2, to: 3 });
});

test('after hours times are counted anew, and nobody moves by it', () => {
  const drivers = store();
  const late = 3 * 3_600_000;
  put(drivers, 1, 0, late - 4000);
  put(drivers, 1, 4, late);
  drivers.sweep(late + 2000);
  assert.ok(drivers.seconds(late + 2000) < 1);
  assert.deepEqual(steps(drivers, 1, late + 2000), [2, 0]);
  assert.deepEqual(drivers.shownAt(0, late + 3000).age, 3);
});
