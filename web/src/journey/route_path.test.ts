// A route is driven along by metres.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { LonLat } from '../api/types.ts';
import { bearingDeg, boundsOf, distanceM, rounded, turned } from './geo.ts';
import { RoutePath } from './route_path.ts';

/** North for about 1,112 m, then east for about 879 m. */
const CORNER: LonLat[] = [[-122.4, 37.77], [-122.4, 37.78], [-122.39, 37.78]];

const near = (actual: number, expected: number, within: number): void =>
  assert.ok(Math.abs(actual - expected) <= within, `${actual} is not within ${within} of ${expected}`);

test('distances and directions are those of the globe', () => {
  near(distanceM({ lat: 37.77, lon: -122.4 }, { lat: 37.78, lon: -122.4 }), 1112, 1);
  near(bearingDeg({ lat: 37.77, lon: -122.4 }, { lat: 37.77, lon: -122.5 }), 270, 0.1);
  near(turned(350, 20, 0.5), 5, 1e-9);
  near(turned(10, 340, 0.5), 355, 1e-9);
  assert.deepEqual(rounded({ lat: 37.12345678, lon: -122.1 }), { lat: 37.123457, lon: -122.1 });
  assert.equal(boundsOf([]), null);
});

test('one is where the metres say, heading along the street', () => {
  const path = new RoutePath(CORNER);
  near(path.lengthM, 1112 + 879, 3);
  assert.deepEqual(path.at(-5), { lat: 37.77, lon: -122.4, heading: 0 });
  near(path.at(556).lat, 37.775, 1e-4);
  near(path.at(1112 + 440).heading, 90, 0.1);
  near(path.at(9_999).lon, -122.39, 1e-9);
  near(path.at(9_999).heading, 90, 0.1);
});

test('the nearest point of the line is found, and what is left from there', () => {
  const path = new RoutePath(CORNER);
  const { alongM, besideM } = path.nearest({ lat: 37.775, lon: -122.4005 });
  near(alongM, 556, 2);
  near(besideM, 44, 1);
  const rest = path.rest(alongM);
  assert.equal(rest.length, 3);
  near(rest[0]?.[1] ?? 0, 37.775, 1e-4);
  assert.deepEqual(path.rest(path.lengthM), [[-122.39, 37.78]]);
});

test('a route of one point, or of the same point twice, is a place', () => {
  for (const points of [[[-122.4, 37.77]], [[-122.4, 37.77], [-122.4, 37.77]]] as LonLat[][]) {
    const path = new RoutePath(points);
    assert.equal(path.lengthM, 0);
    assert.equal(path.at(10).lat, 37.77);
    assert.equal(path.nearest({ lat: 37.77, lon: -122.4 }).besideM, 0);
  }
});
