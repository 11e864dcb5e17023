// The roads as the gateway sends them: one compact binary file, read into flat arrays.

import { commonX, commonY } from './mercator.ts';
import type { Bounds } from './mercator.ts';
import { StrokeBlock } from './stroke_block.ts';

/** Classes of roads in the file, by number. */
export const ROAD_CLASSES = ['freeway', 'arterial', 'street', 'residential'] as const;

/** The roads of a city, ready to be drawn. */
export interface CityRoads {
  bounds: Bounds;
  /** What streets are relative to, in common units: the south-west corner. */
  origin: [x: number, y: number];
  /** Each street with its class as kind; small streets first, so that large ones cover them. */
  streets: StrokeBlock;
}

/** Says why a file is none of ours. */
export class CityFileError extends Error {
  override name = 'CityFileError';
}

const MAGIC = 'HCTY';
const FORMAT = 1;
const HEADER_BYTES = 48;

/** Reads the file. Throws `CityFileError` if it is of another kind, another format or cut off. */
export function readCity(file: ArrayBuffer): CityRoads {
  if (file.byteLength < HEADER_BYTES) throw new CityFileError(`${file.byteLength} bytes are too few for a city`);
  const view = new DataView(file);
  const magic = String.fromCharCode(...new Uint8Array(file, 0, 4));
  if (magic !== MAGIC) throw new CityFileError(`it begins with ${JSON.stringify(magic)}, not ${MAGIC}`);
  const format = view.getUint16(4, true);
  if (format !== FORMAT) throw new CityFileError(`format ${format} is unknown, only ${FORMAT} is`);
  const [west, south, east, north] = [8, 16, 24, 32].map((at) => view.getFloat64(at, true)) as [number, number, number, number];
  const nodes = view.getUint32(40, true);
  const edges = view.getUint32(44, true);
  const expected = HEADER_BYTES + nodes * 4 + edges * 9;
  if (file.byteLength !== expected) throw new CityFileError(`it has ${file.byteLength} bytes instead of ${expected}`);
  const bounds = { west, south, east, north };
  return { bounds, origin: [commonX(west), commonY(south)], streets: readStreets(view, bounds, nodes, edges) };
}

function readStreets(view: DataView, bounds: Bounds, nodes: number, edges: number): StrokeBlock {
  const places = readPlaces(view, bounds, nodes);
  const fromAt = HEADER_BYTES + nodes * 4;
  const toAt = fromAt + edges * 4;
  const classAt = toAt + edges * 4;
  const order = new Uint32Array(edges).map((_, edge) => edge);
  order.sort((one, other) => view.getUint8(classAt + other) - view.getUint8(classAt + one) || one - other);

  const streets = new StrokeBlock(edges);
  order.forEach((edge, place) => {
    const from = view.getUint32(fromAt + edge * 4, true);
    const to = view.getUint32(toAt + edge * 4, true);
    if (from >= nodes || to >= nodes) throw new CityFileError(`street ${edge} ends at a junction that is not there`);
    const kind = Math.min(view.getUint8(classAt + edge), ROAD_CLASSES.length - 1);
    streets.set(place, places[from * 2]!, places[from * 2 + 1]!, places[to * 2]!, places[to * 2 + 1]!, kind);
  });
  return streets;
}

/** Each junction in common units from the south-west corner. */
function readPlaces(view: DataView, { west, south, east, north }: Bounds, nodes: number): Float32Array {
  const places = new Float32Array(nodes * 2);
  const [left, bottom] = [commonX(west), commonY(south)];
  for (let node = 0; node < nodes; node += 1) {
    const at = HEADER_BYTES + node * 4;
    const lon = west + (view.getUint16(at, true) / 65_535) * (east - west);
    const lat = south + (view.getUint16(at + 2, true) / 65_535) * (north - south);
    places[node * 2] = commonX(lon) - left;
    places[node * 2 + 1] = commonY(lat) - bottom;
  }
  return places;
}
