import assert from 'node:assert/strict';
import { test } from 'node:test';

import { History, POINTS } from './history.ts';
import { countText, lagText, rateText } from './numbers.ts';

test('a history keeps the last points only', () => {
  const history = new History();
  for (let second = 0; second < POINTS + 20; second += 1) history.add(second, second * 2);
  assert.equal(history.times.length, POINTS);
  assert.deepEqual([history.times[0], history.values.at(-1)], [20, (POINTS + 19) * 2]);
});

test('a figure that is told twice counts once, and a clock that is set back begins anew', () => {
  const history = new History();
  [10, 11, 11, 10.5, 12].forEach((second) => history.add(second, 1));
  assert.deepEqual(history.times, [10, 11, 12]);
  history.add(3, null);
  assert.deepEqual([history.times, history.values], [[3], [null]]);
});

test('numbers are as long as they need to be', () => {
  assert.deepEqual([0, 7.4, 4321.6, 12_345_678].map(countText), ['0', '7', '4,322', '12.3M']);
  assert.deepEqual([0, 9.94, 10.6, 3851.2].map(rateText), ['0.0', '9.9', '11', '3,851']);
  assert.deepEqual([0.04, 12.34, 180].map(lagText), ['0.0 s', '12.3 s', '3 min']);
});
