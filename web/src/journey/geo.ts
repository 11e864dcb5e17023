// Distances and directions on the globe, good for a city.

import type { Place } from '../api/types.ts';

/** Mean Earth radius in metres (IUGG mean radius R1), as the services have it. */
const EARTH_RADIUS_M = 6_371_008.8;

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Metres between two places, straight. */
export function distanceM(from: Place, to: Place): number {
  const halfLat = Math.sin(radians(to.lat - from.lat) / 2);
  const halfLon = Math.sin(radians(to.lon - from.lon) / 2);
  const a = halfLat ** 2 + Math.cos(radians(from.lat)) * Math.cos(radians(to.lat)) * halfLon ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(a)));
}

/** Direction from one place to another, degrees clockwise from north, 0..360. */
export function bearingDeg(from: Place, to: Place): number {
  const dLon = radians(to.lon - from.lon);
  const y = Math.sin(dLon) * Math.cos(radians(to.lat));
  const x =
    Math.cos(radians(from.lat)) * Math.sin(radians(to.lat)) -
    Math.sin(radians(from.lat)) * Math.cos(radians(to.lat)) * Math.cos(dLon);
  return ((Math.atan2(y, x) * 180) / Math.PI + 360) % 360;
}

/** The place a share (0..1) of the way along a straight line. */
export function between(from: Place, to: Place, share: number): Place {
  return { lat: from.lat + (to.lat - from.lat) * share, lon: from.lon + (to.lon - from.lon) * share };
}

/** To six decimals, 0.11 m: as places go over the wire. */
export function rounded({ lat, lon }: Place): Place {
  const six = (degrees: number): number => Math.round(degrees * 1e6) / 1e6;
  return { lat: six(lat), lon: six(lon) };
}

/** The direction a share (0..1) of the way from one to another, turning the short way round. */
export function turned(fromDeg: number, toDeg: number, share: number): number {
  const turn = ((toDeg - fromDeg + 540) % 360) - 180;
  return (fromDeg + turn * share + 360) % 360;
}

/** The smallest rectangle around some places; null if there is none. */
export function boundsOf(places: Place[]): { west: number; south: number; east: number; north: number } | null {
  if (places.length === 0) {
    return null;
  }
  const lats = places.map((place) => place.lat);
  const lons = places.map((place) => place.lon);
  return { west: Math.min(...lons), south: Math.min(...lats), east: Math.max(...lons), north: Math.max(...lats) };
}
