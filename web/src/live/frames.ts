// The binary frames of the live socket (protocol version 1, little-endian), read without making an object per entry.

/** What a frame is about. */
export const FrameKind = {
  /** All drivers of a tile. */
  tile: 1,
  /** What changed in a tile since the last tick. */
  tileChanges: 2,
  /** Drivers per cell of a tile. */
  counts: 3,
  /** All open trips. */
  trips: 4,
  /** What changed among the open trips. */
  tripChanges: 5,
} as const;

export interface FrameHeader {
  kind: number;
  tileZoom: number;
  /** Cells along one side of a tile, for counts. */
  grid: number;
  tileX: number;
  tileY: number;
  tick: number;
}

/** Says why a frame cannot be read. */
export class FrameError extends Error {
  override name = 'FrameError';
}

const VERSION = 1;
const HEADER_BYTES = 16;
const DRIVER_BYTES = 14;
const GONE_DRIVER_BYTES = 6;
const CELL_BYTES = 8;
const TRIP_BYTES = 48;
const UUID_BYTES = 16;
const HIGH = 2 ** 32;

/** Reads the first 16 bytes. Throws `FrameError` if they are none of this version. */
export function readHeader(frame: ArrayBuffer): FrameHeader {
  if (frame.byteLength < HEADER_BYTES) throw new FrameError(`${frame.byteLength} bytes are too few for a frame`);
  const view = new DataView(frame);
  const version = view.getUint8(1);
  if (version !== VERSION) throw new FrameError(`version ${version} is unknown, only ${VERSION} is`);
  return {
    kind: view.getUint8(0),
    tileZoom: view.getUint8(2),
    grid: view.getUint8(3),
    tileX: view.getUint32(4, true),
    tileY: view.getUint32(8, true),
    tick: view.getUint32(12, true),
  };
}

/** Takes the drivers of a frame one by one. */
export interface DriverSink {
  /**
   * `x` and `y` are 65536ths of the tile from its west and north edge, `heading` 256ths of a turn clockwise from
   * north, `age` half seconds since the report (255 stands for more), `speed` half metres per second.
   */
  driver(id: number, x: number, y: number, heading: number, state: number, age: number, speed: number): void;
  /** This driver left the tile or went off shift. */
  gone(id: number): void;
}

/** Reads a frame of kind `tile` or `tileChanges`. */
export function readDrivers(frame: ArrayBuffer, sink: DriverSink): void {
  const view = new DataView(frame);
  const { count, gone } = readCounts(view, DRIVER_BYTES, GONE_DRIVER_BYTES);
  let at = HEADER_BYTES + 8;
  for (let entry = 0; entry < count; entry += 1, at += DRIVER_BYTES) {
    sink.driver(
      view.getUint32(at, true) + view.getUint16(at + 8, true) * HIGH,
      view.getUint16(at + 4, true),
      view.getUint16(at + 6, true),
      view.getUint8(at + 10),
      view.getUint8(at + 11),
      view.getUint8(at + 12),
      view.getUint8(at + 13),
    );
  }
  for (let entry = 0; entry < gone; entry += 1, at += GONE_DRIVER_BYTES) {
    sink.gone(view.getUint32(at, true) + view.getUint16(at + 4, true) * HIGH);
  }
}

/** Takes the cells of a frame one by one; `cell` is row × grid + column, row 0 in the north. */
export type CellSink = (cell: number, idle: number, busy: number) => void;

/** Reads a frame of kind `counts`. */
export function readCells(frame: ArrayBuffer, sink: CellSink): void {
  const view = new DataView(frame);
  if (frame.byteLength < HEADER_BYTES + 4) throw new FrameError('the number of cells is missing');
  const count = view.getUint32(HEADER_BYTES, true);
  expectBytes(view, HEADER_BYTES + 4 + count * CELL_BYTES);
  for (let entry = 0, at = HEADER_BYTES + 4; entry < count; entry += 1, at += CELL_BYTES) {
    sink(view.getUint16(at, true), view.getUint16(at + 2, true), view.getUint16(at + 4, true));
  }
}

/** One open trip. */
export interface OpenTrip {
  /** `<zone>.<uuid>`, as everywhere in the project. */
  id: string;
  uuid: string;
  pickupLon: number;
  pickupLat: number;
  dropoffLon: number;
  dropoffLat: number;
  /** 0 stands for none. */
  driver: number;
  /** 0 requested, 1 offered, 2 matched, 3 arrived, 4 started. */
  state: number;
  /** Surge in tenths. */
  surge: number;
}

/** Takes the trips of a frame one by one; trips are few, so each is an object. */
export interface TripSink {
  trip(trip: OpenTrip): void;
  /** This trip has ended. */
  gone(uuid: string): void;
}

/** Reads a frame of kind `trips` or `tripChanges`. */
export function readTrips(frame: ArrayBuffer, sink: TripSink): void {
  const view = new DataView(frame);
  const { count, gone } = readCounts(view, TRIP_BYTES, UUID_BYTES);
  let at = HEADER_BYTES + 8;
  for (let entry = 0; entry < count; entry += 1, at += TRIP_BYTES) sink.trip(readTrip(view, at));
  for (let entry = 0; entry < gone; entry += 1, at += UUID_BYTES) sink.gone(readUuid(view, at));
}

function readTrip(view: DataView, at: number): OpenTrip {
  const uuid = readUuid(view, at);
  const zone = view.getBigUint64(at + 16, true).toString(16);
  return {
    id: `${zone}.${uuid}`,
    uuid,
    pickupLon: view.getFloat32(at + 24, true),
    pickupLat: view.getFloat32(at + 28, true),
    dropoffLon: view.getFloat32(at + 32, true),
    dropoffLat: view.getFloat32(at + 36, true),
    driver: view.getUint32(at + 40, true) + view.getUint16(at + 44, true) * HIGH,
    state: view.getUint8(at + 46),
    surge: view.getUint8(at + 47),
  };
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function readUuid(view: DataView, at: number): string {
  let text = '';
  for (let byte = 0; byte < UUID_BYTES; byte += 1) {
    if (byte === 4 || byte === 6 || byte === 8 || byte === 10) text += '-';
    text += HEX[view.getUint8(at + byte)];
  }
  return text;
}

function readCounts(view: DataView, entryBytes: number, goneBytes: number): { count: number; gone: number } {
  if (view.byteLength < HEADER_BYTES + 8) throw new FrameError('the numbers of entries are missing');
  const count = view.getUint32(HEADER_BYTES, true);
  const gone = view.getUint32(HEADER_BYTES + 4, true);
  expectBytes(view, HEADER_BYTES + 8 + count * entryBytes + gone * goneBytes);
  return { count, gone };
}

function expectBytes(view: DataView, expected: number): void {
  if (view.byteLength !== expected) throw new FrameError(`the frame has ${view.byteLength} bytes instead of ${expected}`);
}
