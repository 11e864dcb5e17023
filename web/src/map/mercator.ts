// Web Mercator on a world of 512 by 512 units, as deck.gl's common space has it: x east from 180° W, y north.

/** Width of the world in common units. */
export const WORLD = 512;

const DEGREES = 180 / Math.PI;

/** A rectangle in degrees. */
export interface Bounds {
  west: number;
  south: number;
  east: number;
  north: number;
}

/** Common x of a longitude. */
export function commonX(lon: number): number {
  return ((lon + 180) / 360) * WORLD;
}

/** Common y of a latitude. */
export function commonY(lat: number): number {
  return (0.5 + Math.log(Math.tan(Math.PI / 4 + lat / DEGREES / 2)) / (2 * Math.PI)) * WORLD;
}

/** Longitude of a common x. */
export function lonOf(x: number): number {
  return (x / WORLD) * 360 - 180;
}

/** Latitude of a common y. */
export function latOf(y: number): number {
  return (2 * Math.atan(Math.exp((y / WORLD - 0.5) * 2 * Math.PI)) - Math.PI / 2) * DEGREES;
}

/** Metres that one common unit spans at a latitude (equatorial circumference of WGS 84: 40,075,017 m). */
export function metresPerUnit(lat: number): number {
  return (40_075_017 * Math.cos(lat / DEGREES)) / WORLD;
}
