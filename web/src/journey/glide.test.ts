// Markers move from report to report without jumps.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { LonLat } from '../api/types.ts';
import { distanceM } from './geo.ts';
import { Glide } from './glide.ts';
import { RoutePath } from './route_path.ts';

const START = { lat: 37.77, lon: -122.4 };
const NORTH = { lat: 37.771, lon: -122.4 };
const CORNER: LonLat[] = [[-122.4, 37.77], [-122.4, 37.78], [-122.39, 37.78]];

test('the first report is where it begins', () => {
  const glide = new Glide();
  assert.equal(glide.at(0), null);
  glide.report(START, 90, 0);
  assert.deepEqual(glide.at(0), { ...START, heading: 90 });
  assert.deepEqual(glide.at(5_000), { ...START, heading: 90 });
});

test('it takes the usual pause to get to the next report, and then stands', () => {
  const glide = new Glide();
  glide.report(START, 0, 0);
  glide.report(NORTH, 0, 1_000);
  assert.ok(glide.isMoving(1_500));
  const half = glide.at(1_500);
  assert.ok(half && Math.abs(half.lat - 37.7705) < 1e-9);
  assert.deepEqual(glide.at(3_000), { ...NORTH, heading: 0 });
  assert.ok(!glide.isMoving(3_000));
});

test('a report in between does not make it jump', () => {
  const glide = new Glide();
  glide.report(START, 0, 0);
  glide.report(NORTH, 0, 1_000);
  const before = glide.at(1_400);
  glide.report({ lat: 37.772, lon: -122.4 }, 0, 1_400);
  const after = glide.at(1_400);
  assert.ok(before && after && distanceM(before, after) < 1e-6);
});

test('it follows the route instead of cutting its corner', () => {
  const glide = new Glide();
  glide.follow(new RoutePath(CORNER));
  glide.report({ lat: 37.779, lon: -122.4 }, 0, 0);
  glide.report({ lat: 37.78, lon: -122.399 }, 90, 1_000);
  const path = new RoutePath(CORNER);
  for (const ms of [1_100, 1_300, 1_500, 1_800]) {
    const place = glide.at(ms);
    assert.ok(place && path.nearest(place).besideM < 0.5, `at ${ms}`);
  }
});

test('a driver who goes back or is elsewhere is not forced onto the route', () => {
  const glide = new Glide();
  glide.follow(new RoutePath(CORNER));
  glide.report({ lat: 37.779, lon: -122.4 }, 180, 0);
  glide.report({ lat: 37.778, lon: -122.4 }, 180, 1_000);
  const back = glide.at(1_500);
  assert.ok(back && Math.abs(back.lat - 37.7785) < 1e-6);
});
