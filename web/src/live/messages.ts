// The text messages of the live socket.

import type { CityClockLine } from '../shell/shell.ts';

export interface Hello {
  type: 'hello';
  version: number;
  tick_ms: number;
  tile_zoom: number;
  /** Drivers are taken for silent when their last report is this old. */
  silence_ms: number;
  clock: CityClockLine;
  bounds: { west: number; south: number; east: number; north: number };
  /** The server's real time. */
  now_ms: number;
}

export interface Tiles {
  type: 'tiles';
  zoom: number;
  mode: 'points' | 'counts';
  tiles: [x: number, y: number][];
}

/** Demand and supply of one zone; `surge` in hundredths. */
export interface ZoneState {
  zone: string;
  ring: [lon: number, lat: number][];
  demand: number;
  supply: number;
  speed_mps: number | null;
  surge: number;
}

export interface Zones {
  type: 'zones';
  zones: ZoneState[];
}

/** Median and 99th percentile in ms. */
export interface Quantiles {
  p50: number;
  p99: number;
}

export interface Group {
  name: string;
  members: number;
  lag_s: number;
  records_per_s: number;
}

export interface Figures {
  type: 'figures';
  at_ms: number;
  city_ms: number;
  speed: number;
  drivers: { idle: number; reserved: number; to_pickup: number; waiting: number; on_trip: number };
  trips: { requested: number; offered: number; matched: number; arrived: number; started: number };
  totals: {
    reports: number;
    requests: number;
    completed: number;
    cancelled: number;
    unfulfilled: number;
    fares_minor: number;
    currency: string;
  };
  rates: { reports_per_s: number; requests_per_min: number; completed_per_min: number };
  latency_ms: { request_to_offer: Quantiles | null; report_to_redis: Quantiles | null; report_to_map: Quantiles | null };
  mongodb: { documents_per_s: number; documents_per_operation: number; reports_per_operation: number } | null;
  groups: Group[];
  viewers: number;
}

export type Message = Hello | Tiles | Zones | Figures;

/** The version of the protocol that this page speaks. */
export const PROTOCOL_VERSION = 1;

const TYPES: readonly string[] = ['hello', 'tiles', 'zones', 'figures'] satisfies Message['type'][];

/** Reads a text message; null if it is of a type that this page does not know, which a newer server may send. */
export function readMessage(text: string): Message | null {
  const message = JSON.parse(text) as Message;
  return TYPES.includes(message?.type) ? message : null;
}

/** What the visitor looks at, as the server wants to hear it. */
export interface ViewMessage {
  type: 'view';
  west: number;
  south: number;
  east: number;
  north: number;
  zoom: number;
}
