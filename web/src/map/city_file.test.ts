import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Bytes } from '../live/hand_made.ts';
import { CityFileError, readCity } from './city_file.ts';
import { latOf, lonOf } from './mercator.ts';

/** Two junctions in the south-west and north-east corner, a street and a freeway between them. */
function file(change: { magic?: string; format?: number; last?: number; more?: number } = {}): ArrayBuffer {
  const bytes = new Bytes()
    .text(change.magic ?? 'HCTY')
    .u16(change.format ?? 1, 0)
    .f64(0.4, 45.9, 0.6, 46.1)
    .u32(2, 2)
    .u16(0, 0, 65_535, 65_535)
    .u32(0, 1)
    .u32(1, change.last ?? 0)
    .u8(0, 2);
  return bytes.u8(...Array<number>(change.more ?? 0).fill(0)).done();
}

test('streets lie between their junctions, small ones first', () => {
  const { bounds, origin, streets } = readCity(file());
  assert.deepEqual(bounds, { west: 0.4, south: 45.9, east: 0.6, north: 46.1 });
  assert.equal(streets.capacity, 2);
  assert.deepEqual([streets.kind(0), streets.kind(1)], [2, 0]);
  const ends = [0, 1].map((street) => [lonOf(origin[0] + streets.fromX(street)), latOf(origin[1] + streets.fromY(street))]);
  const expected = [
    [0.6, 46.1],
    [0.4, 45.9],
  ];
  ends.flat().forEach((degrees, place) => assert.ok(Math.abs(degrees - expected.flat()[place]!) < 1e-6, String(ends)));
});

test('a city without streets is one', () => {
  const empty = new Bytes().text('HCTY').u16(1, 0).f64(0, 0, 1, 1).u32(0, 0).done();
  assert.equal(readCity(empty).streets.capacity, 0);
});

test('files that are none of ours are refused', () => {
  assert.throws(() => readCity(new ArrayBuffer(10)), CityFileError);
  assert.throws(() => readCity(file({ magic: 'HTTP' })), /begins with "HTTP"/);
  assert.throws(() => readCity(file({ format: 2 })), /format 2/);
  assert.throws(() => readCity(file({ more: 1 })), /75 bytes instead of 74/);
  assert.throws(() => readCity(file({ last: 2 })), /not there/);
});
