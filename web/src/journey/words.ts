// Numbers as people read them.

import type { Money, Place, TripState } from '../api/types.ts';

/** An amount with the sign of its currency, with as many decimals as that currency has. */
export function moneyText({ minor, currency }: Money): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  const decimals = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(minor / 10 ** decimals);
}

/** Metres to the ten, kilometres to the tenth. */
export function distanceText(metres: number): string {
  return metres < 995 ? `${Math.round(metres / 10) * 10} m` : `${(metres / 1000).toFixed(1)} km`;
}

/** A length of time: seconds below a minute, minutes below an hour. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) {
    return `${whole} s`;
  }
  const minutes = Math.round(whole / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** A surge in hundredths as a factor. */
export function surgeText(hundredths: number): string {
  return `${(hundredths / 100).toFixed(2).replace(/0$/, '')}×`;
}

/** Latitude and longitude to about a metre. */
export function placeText({ lat, lon }: Place): string {
  return `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
}

/** Reads "latitude, longitude"; null if it is none. */
export function parsePlace(text: string): Place | null {
  const parts = text.trim().split(/\s*[,;\s]\s*/);
  const [lat, lon] = parts.map((part) => (part === '' ? Number.NaN : Number(part)));
  if (parts.length !== 2 || lat === undefined || lon === undefined) {
    return null;
  }
  const isPlace = Math.abs(lat) <= 90 && Math.abs(lon) <= 180;
  return isPlace ? { lat, lon } : null;
}

/** A moment of city time, hours to seconds, as the clock of the city shows it. */
export function cityTimeText(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19);
}

const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** A moment of city time with its day. */
export function cityDateText(ms: number): string {
  return `${DAY.format(ms)} ${cityTimeText(ms).slice(0, 5)}`;
}

const STATES: Record<TripState, string> = {
  requested: 'Looking for a driver',
  offered: 'A driver is asked',
  matched: 'Driver on the way',
  arrived: 'Driver is here',
  started: 'On the way',
  completed: 'Completed',
  cancelled: 'Cancelled',
  unfulfilled: 'No driver found',
};

/** How far a trip is, in words. */
export function stateText(state: TripState): string {
  return STATES[state];
}
