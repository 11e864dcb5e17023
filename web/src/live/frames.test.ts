import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FrameError, readCells, readDrivers, readHeader, readTrips } from './frames.ts';
import type { OpenTrip } from './frames.ts';
import { Bytes, header } from './hand_made.ts';

function driversOf(frame: ArrayBuffer): { drivers: number[][]; gone: number[] } {
  const read = { drivers: [] as number[][], gone: [] as number[] };
  readDrivers(frame, { driver: (...parts) => read.drivers.push(parts), gone: (id) => read.gone.push(id) });
  return read;
}

test('a header says what the frame is about', () => {
  const read = readHeader(header(3, 32).u32(0).done());
  assert.deepEqual(read, { kind: 3, tileZoom: 14, grid: 32, tileX: 8214, tileY: 5871, tick: 77 });
});

test('drivers come with everything that is known of them, and those who left by id', () => {
  const frame = header(2)
    .u32(2, 2)
    .u32(4711).u16(0, 65_535, 0).u8(64, 1, 3, 16)
    .u32(0xffff_ffff).u16(32_768, 1, 0x7fff).u8(255, 5, 255, 0)
    .u32(9).u16(0)
    .u32(1).u16(1)
    .done();
  assert.equal(frame.byteLength, 16 + 8 + 2 * 14 + 2 * 6);
  assert.deepEqual(driversOf(frame), {
    drivers: [
      [4711, 0, 65_535, 64, 1, 3, 16],
      [0x7fff_ffff_ffff, 32_768, 1, 255, 5, 255, 0],
    ],
    gone: [9, 2 ** 32 + 1],
  });
});

test('an empty tile is a frame too', () => {
  assert.deepEqual(driversOf(header(1).u32(0, 0).done()), { drivers: [], gone: [] });
});

test('cells hold idle and busy drivers', () => {
  const cells: number[][] = [];
  readCells(header(3, 32).u32(2).u16(0, 3, 1, 0, 1023, 0, 65_535, 0).done(), (...parts) => cells.push(parts));
  assert.deepEqual(cells, [
    [0, 3, 1],
    [1023, 0, 65_535],
  ]);
});

test('a trip has its id as text', () => {
  const uuid = [0x01, 0x92, 0xf0, 0xc1, 0x23, 0x45, 0x7a, 0xbc, 0x8d, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab];
  const frame = new Bytes()
    .u8(5, 1, 0, 0).u32(0, 0, 78)
    .u32(1, 1)
    .u8(...uuid).u64(0x8828308281fffffn).f32(-122.5, 37.75, -122.25, 37.5).u32(4711).u16(1).u8(2, 12)
    .u8(...uuid.map((byte) => 255 - byte))
    .done();
  const trips: OpenTrip[] = [];
  const gone: string[] = [];
  readTrips(frame, { trip: (trip) => trips.push(trip), gone: (id) => gone.push(id) });
  assert.deepEqual(trips, [
    {
      id: '8828308281fffff.0192f0c1-2345-7abc-8def-0123456789ab',
      uuid: '0192f0c1-2345-7abc-8def-0123456789ab',
      pickupLon: -122.5,
      pickupLat: 37.75,
      dropoffLon: -122.25,
      dropoffLat: 37.5,
      driver: 2 ** 32 + 4711,
      state: 2,
      surge: 12,
    },
  ]);
  assert.deepEqual(gone, ['fe6d0f3e-dcba-8543-7210-fedcba987654']);
});

test('frames that are cut off, too long or of another version are refused', () => {
  const noDriver = { driver: () => assert.fail('read a driver'), gone: () => assert.fail('read an id') };
  assert.throws(() => readHeader(new ArrayBuffer(15)), FrameError);
  assert.throws(() => readHeader(new Bytes().u8(1, 2, 14, 0).u32(0, 0, 0).done()), /version 2 is unknown/);
  assert.throws(() => readDrivers(header(1).u32(1).done(), noDriver), /numbers of entries/);
  assert.throws(() => readDrivers(header(1).u32(1, 0).u32(1, 2, 3).done(), noDriver), /36 bytes instead of 38/);
  assert.throws(() => readDrivers(header(1).u32(0, 0).u8(1).done(), noDriver), /25 bytes instead of 24/);
  assert.throws(() => readDrivers(header(1).u32(0xffff_ffff, 0).done(), noDriver), FrameError);
  assert.throws(() => readCells(header(3, 32).done(), () => assert.fail('read a cell')), /number of cells/);
});
