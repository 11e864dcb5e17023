// What a rider can ask the gateway.

import { request } from './http.ts';
import type { CancelReason, Place, Quote, Ride, RideRequest, RidesPage, Route } from './types.ts';

const path = (id: string): string => `/v1/rides/${encodeURIComponent(id)}`;

export function quote(pickup: Place, dropoff: Place, signal?: AbortSignal): Promise<Quote> {
  return request('POST', '/v1/quotes', { body: { pickup, dropoff }, signal });
}

/** Asks for a ride. The same key never makes a second one, however often it is sent. */
export function askForRide(wish: RideRequest, key: string): Promise<Ride> {
  return request('POST', '/v1/rides', { body: wish, headers: { 'idempotency-key': key } });
}

export function ride(id: string, signal?: AbortSignal): Promise<Ride> {
  return request('GET', path(id), { signal });
}

export function cancelRide(id: string, reason: CancelReason): Promise<void> {
  return request('POST', `${path(id)}/cancel`, { body: { reason } });
}

/** A page of a rider's history, newest first. */
export function ridesOf(rider: number, cursor: string | null, limit: number, signal?: AbortSignal): Promise<RidesPage> {
  const query = new URLSearchParams({ rider: String(rider), limit: String(limit) });
  if (cursor) {
    query.set('cursor', cursor);
  }
  return request('GET', `/v1/rides?${query}`, { signal });
}

/** The way from one place to another. */
export function route(from: Place, to: Place, signal?: AbortSignal): Promise<Route> {
  const query = new URLSearchParams({ from: `${from.lat},${from.lon}`, to: `${to.lat},${to.lon}` });
  return request('GET', `/v1/routes?${query}`, { signal });
}

/** The address of the events of a ride. */
export function rideEventsPath(id: string): string {
  return `${path(id)}/events`;
}
