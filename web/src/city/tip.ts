// The words beside the pointer.

import { surgeText } from '../journey/words.ts';
import type { LiveCity } from '../live/live_city.ts';
import { setText } from '../shell/shell.ts';
import type { Picked } from './picker.ts';

/** Distance from the pointer, and room to the edge of the map, in pixels. */
const GAP = 14;

const DRIVER_WORDS = ['offline', 'idle', 'offered a trip', 'to pickup', 'at pickup', 'on trip'];
const TRIP_WORDS = ['looking for a driver', 'offered to a driver', 'driver on the way', 'driver at pickup', 'on the way'];

/** The state of a driver in words. */
export function driverWords(state: number): string {
  return DRIVER_WORDS[state] ?? 'unknown';
}

/** The state of an open trip in words. */
export function tripWords(state: number): string {
  return TRIP_WORDS[state] ?? 'unknown';
}

/** Shows words for what was picked at a pixel of the map, or nothing. */
export function showTip(tip: HTMLElement, live: LiveCity, picked: Picked | null, x: number, y: number): void {
  const text = picked === null ? null : wordsFor(live, picked);
  tip.hidden = text === null;
  if (text === null) return;
  setText(tip, text);
  const { clientWidth, clientHeight } = tip.parentElement!;
  const left = x + GAP + tip.offsetWidth > clientWidth ? x - GAP - tip.offsetWidth : x + GAP;
  const top = Math.min(y + GAP, clientHeight - tip.offsetHeight - GAP);
  tip.style.transform = `translate(${Math.round(Math.max(0, left))}px, ${Math.round(top)}px)`;
}

function wordsFor(live: LiveCity, { kind, id }: Picked): string | null {
  if (kind === 'driver') {
    const slot = live.drivers.slotOf(Number(id));
    if (slot < 0) return null;
    const { state, age } = live.drivers.shownAt(slot, performance.now());
    return `Driver ${id}, ${driverWords(state)}, heard ${Math.max(0, Math.round(age))} s ago`;
  }
  if (kind === 'trip') {
    const trip = live.trips.byId(id);
    return trip === null ? null : `Trip, ${tripWords(trip.state)}${trip.surge > 10 ? `, surge ${surgeText(trip.surge * 10)}` : ''}`;
  }
  const zone = live.zones.get(id);
  if (zone === undefined) return null;
  const speed = zone.speed_mps === null ? '' : `, ${(zone.speed_mps * 3.6).toFixed(0)} km/h`;
  return `Demand ${zone.demand}, supply ${zone.supply.toFixed(1)}, surge ${surgeText(zone.surge)}${speed}`;
}
