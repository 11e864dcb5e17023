// Places of the city to ride between: junctions of its file of roads.

const HEADER_BYTES = 48;
const STEPS = 65_535;

/** The junctions nearest to some shares (0..1) of the way from the south-west to the north-east corner. */
export async function junctions(origin, ...shares) {
  const response = await fetch(new URL('/v1/city', origin));
  const view = new DataView(await response.arrayBuffer());
  const [west, south, east, north] = [8, 16, 24, 32].map((at) => view.getFloat64(at, true));
  const all = Array.from({ length: view.getUint32(40, true) }, (_, node) => {
    const at = HEADER_BYTES + node * 4;
    return { x: view.getUint16(at, true), y: view.getUint16(at + 2, true) };
  });
  return shares.map((share) => {
    const away = ({ x, y }) => Math.hypot(x - share * STEPS, y - share * STEPS);
    const nearest = all.reduce((best, node) => (away(node) < away(best) ? node : best));
    return {
      lat: round(south + (nearest.y / STEPS) * (north - south)),
      lon: round(west + (nearest.x / STEPS) * (east - west)),
    };
  });
}

/** As people type it. */
export function placeText({ lat, lon }) {
  return `${lat}, ${lon}`;
}

function round(degrees) {
  return Math.round(degrees * 1e5) / 1e5;
}
