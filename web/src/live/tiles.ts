// Numbers of map tiles (Web Mercator, XYZ scheme) and where their points lie.

import { WORLD } from '../map/mercator.ts';

/** A tile as one number: 16 bits of x and 15 of y, enough for zoom 15. */
export function tileKey(x: number, y: number): number {
  return x * 32_768 + y;
}

/** Common units that one 65536th of a tile spans. */
export function tileStep(zoom: number): number {
  return WORLD / 2 ** zoom / 65_536;
}

/** Common x of the west edge of a tile. */
export function tileWest(x: number, zoom: number): number {
  return (x / 2 ** zoom) * WORLD;
}

/** Common y of the north edge of a tile; y of tiles grows to the south, common y to the north. */
export function tileNorth(y: number, zoom: number): number {
  return WORLD - (y / 2 ** zoom) * WORLD;
}
