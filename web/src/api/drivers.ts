// What a driver can ask the gateway.

import { request } from './http.ts';
import type { Action, DriverView, Place, Report, ShiftChange } from './types.ts';

const path = (id: number): string => `/v1/drivers/${id}`;

/** A report that takes longer is worth less than the next one. */
const REPORT_TIMEOUT_MS = 4_000;

export function driver(id: number, signal?: AbortSignal): Promise<DriverView> {
  return request('GET', path(id), { signal });
}

export function changeShift(id: number, change: ShiftChange, position: Place, keepalive = false): Promise<void> {
  return request('POST', `${path(id)}/shift`, { body: { change, position }, keepalive });
}

export function report(id: number, body: Report): Promise<{ accepted: number }> {
  return request('POST', `${path(id)}/reports`, { body, timeoutMs: REPORT_TIMEOUT_MS });
}

export function act(id: number, action: Action): Promise<void> {
  return request('POST', `${path(id)}/actions`, { body: action });
}

/** The address of the events of a driver. */
export function driverEventsPath(id: number): string {
  return `${path(id)}/events`;
}
