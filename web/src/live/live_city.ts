// What the page knows of the city at this moment, kept up to date by the messages of the live socket.

import { CountStore } from './count_store.ts';
import { DriverStore } from './driver_store.ts';
import { FrameKind, readCells, readDrivers, readHeader, readTrips } from './frames.ts';
import type { DriverSink, FrameHeader, OpenTrip, TripSink } from './frames.ts';
import type { Figures, Message, Tiles, ZoneState } from './messages.ts';
import { tileKey, tileNorth, tileStep, tileWest } from './tiles.ts';
import { TripStore } from './trip_store.ts';

/** Ages come in half seconds. */
const AGE_STEP_S = 0.5;

export class LiveCity {
  readonly drivers: DriverStore;
  readonly trips: TripStore;
  readonly counts = new CountStore();
  readonly zones = new Map<string, ZoneState>();
  /** Grows whenever a zone changes. */
  zonesVersion = 0;
  figures: Figures | null = null;
  mode: Tiles['mode'] = 'points';
  private readonly driverReader: TileReader;
  private readonly tripReader: TripSink;

  /** `origin`: as of the roads, in common units. */
  constructor(origin: readonly [x: number, y: number]) {
    this.drivers = new DriverStore(origin);
    this.trips = new TripStore(origin);
    this.driverReader = new TileReader(this.drivers);
    this.tripReader = {
      trip: (trip: OpenTrip) => this.trips.put(trip),
      gone: (uuid: string) => this.trips.remove(uuid),
    };
  }

  /** How many drivers are shown, one by one or counted. */
  get driverCount(): number {
    return this.mode === 'points' ? this.drivers.present : this.counts.drivers;
  }

  /** Takes a text message in. */
  message(message: Message): void {
    switch (message.type) {
      case 'tiles':
        this.setTiles(message);
        break;
      case 'zones':
        for (const zone of message.zones) {
          // A change may leave out the ring, which never changes.
          const ring = zone.ring ?? this.zones.get(zone.zone)?.ring ?? [];
          this.zones.set(zone.zone, { ...zone, ring });
        }
        this.zonesVersion += 1;
        break;
      case 'figures':
        this.figures = message;
        break;
      case 'hello':
        // What follows tells everything anew.
        this.zones.clear();
        break;
    }
  }

  /** Takes a binary frame in; `nowMs` is `performance.now()`. Throws `FrameError` if it cannot be read. */
  frame(frame: ArrayBuffer, nowMs: number): void {
    const header = readHeader(frame);
    switch (header.kind) {
      case FrameKind.tile:
      case FrameKind.tileChanges:
        this.driverReader.read(frame, header, nowMs);
        break;
      case FrameKind.counts:
        this.counts.replace(header, (sink) => readCells(frame, sink));
        break;
      case FrameKind.trips:
        this.trips.clear();
        readTrips(frame, this.tripReader);
        break;
      case FrameKind.tripChanges:
        readTrips(frame, this.tripReader);
        break;
      default:
        // A kind that a newer server may send.
        break;
    }
  }

  private setTiles(message: Tiles): void {
    const kept = new Set(message.tiles.map(([x, y]) => tileKey(x, y)));
    this.mode = message.mode;
    const none = new Set<number>();
    this.drivers.keepTiles(message.mode === 'points' ? kept : none);
    this.counts.keep(message.mode === 'counts' ? kept : none);
  }
}

/** Reads frames of drivers into the store; one for all frames, so that none makes an object. */
class TileReader implements DriverSink {
  private readonly store: DriverStore;
  private tile = 0;
  private west = 0;
  private north = 0;
  private step = 0;
  private nowMs = 0;

  constructor(store: DriverStore) {
    this.store = store;
  }

  read(frame: ArrayBuffer, { kind, tileZoom, tileX, tileY }: FrameHeader, nowMs: number): void {
    this.tile = tileKey(tileX, tileY);
    this.west = tileWest(tileX, tileZoom);
    this.north = tileNorth(tileY, tileZoom);
    this.step = tileStep(tileZoom);
    this.nowMs = nowMs;
    if (kind === FrameKind.tile) this.store.retell(this.tile, nowMs);
    readDrivers(frame, this);
  }

  driver(id: number, x: number, y: number, heading: number, state: number, age: number): void {
    this.store.put(id, this.west + x * this.step, this.north - y * this.step, heading, state, age * AGE_STEP_S, this.tile, this.nowMs);
  }

  gone(id: number): void {
    this.store.leave(id, this.tile, this.nowMs);
  }
}
