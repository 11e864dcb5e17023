// Numbers read well, and what people type is understood.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { clockText, leftOf } from './countdown.ts';
import { END_ID, FIRST_ID, newId, parseId } from './own_id.ts';
import { cityDateText, cityTimeText, distanceText, durationText, moneyText, parsePlace, placeText, surgeText } from './words.ts';

test('amounts have the decimals of their currency', () => {
  assert.equal(moneyText({ minor: 1223, currency: 'USD' }), '$12.23');
  assert.equal(moneyText({ minor: 1223, currency: 'JPY' }), '¥1,223');
});

test('distances and times are as exact as people need them', () => {
  assert.deepEqual([0, 994, 995, 4_210].map(distanceText), ['0 m', '990 m', '1.0 km', '4.2 km']);
  assert.deepEqual([-3, 59.4, 60, 3_540, 3_900].map(durationText), ['0 s', '59 s', '1 min', '59 min', '1 h 05 min']);
  assert.deepEqual([100, 120, 125].map(surgeText), ['1.0×', '1.2×', '1.25×']);
  assert.equal(cityTimeText(Date.UTC(2008, 4, 24, 8, 5, 9)), '08:05:09');
  assert.equal(cityDateText(Date.UTC(2008, 4, 24, 8, 5, 9)), '24 May 08:05');
});

test('places are read with comma, semicolon or space', () => {
  const place = { lat: 37.7749, lon: -122.4194 };
  for (const text of ['37.7749, -122.4194', ' 37.7749;-122.4194 ', '37.7749 -122.4194', placeText(place)]) {
    assert.deepEqual(parsePlace(text), place, text);
  }
  for (const text of ['', '37', '37,', ',5', '91, 0', '0, 181', 'a, b', '1, 2, 3']) {
    assert.equal(parsePlace(text), null, text);
  }
});

test('a countdown ends at zero and not before', () => {
  assert.deepEqual(leftOf(10_000, 10_000, 0), { seconds: 10, share: 1, isOver: false });
  assert.deepEqual(leftOf(10_000, 10_000, 9_999), { seconds: 1, share: 0.0001, isOver: false });
  assert.deepEqual(leftOf(10_000, 10_000, 12_000), { seconds: 0, share: 0, isOver: true });
  assert.deepEqual([0, 9, 65, 120].map(clockText), ['0:00', '0:09', '1:05', '2:00']);
});

test('ids of visitors are above those of the simulated city', () => {
  assert.equal(newId(0), FIRST_ID);
  assert.equal(newId(0.9999999), END_ID - 1);
  assert.equal(parseId(' 9123456 '), 9_123_456);
  for (const text of ['', '17', '10000000', '9e6', '-9000001', '9000000.5']) {
    assert.equal(parseId(text), null, text);
  }
});
