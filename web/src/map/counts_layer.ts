// Drivers per cell: a dot for each cell, as large as the crowd in it, coloured by how many are taken.

import type { Layer } from '@deck.gl/core';
import { ScatterplotLayer } from '@deck.gl/layers';

import type { CountStore } from '../live/count_store.ts';
import type { Palette } from './palette.ts';
import { mixed } from './ramp.ts';

/** A lonely driver's dot has this share of the full size. */
const LEAST_SIZE = 0.3;

/** The layer of all cells as they are now; `origin` as of the roads, so that 32 bits are exact enough. */
export function countLayers(counts: CountStore, palette: Palette, origin: readonly [x: number, y: number]): Layer[] {
  const cells = counts.cellCount;
  if (cells === 0) return [];
  const positions = new Float32Array(cells * 2);
  const radii = new Float32Array(cells);
  const colours = new Uint8Array(cells * 4);
  let most = 1;
  counts.each((_x, _y, idle, busy) => (most = Math.max(most, idle + busy)));
  let cell = 0;
  counts.each((x, y, idle, busy) => {
    const all = idle + busy;
    positions[cell * 2] = x - origin[0];
    positions[cell * 2 + 1] = y - origin[1];
    radii[cell] = all === 0 ? 0 : counts.cellSize * 0.5 * Math.max(LEAST_SIZE, Math.sqrt(all / most));
    colours.set(mixed(palette.idle, palette.busy, busy / Math.max(1, all), 0.85), cell * 4);
    cell += 1;
  });
  return [
    new ScatterplotLayer({
      id: 'counts',
      coordinateSystem: 'cartesian',
      coordinateOrigin: [origin[0], origin[1], 0],
      data: {
        length: cells,
        attributes: {
          getPosition: { value: positions, size: 2 },
          getRadius: { value: radii, size: 1 },
          getFillColor: { value: colours, size: 4, normalized: true },
        },
      },
      positionFormat: 'XY',
      radiusUnits: 'common',
      radiusMinPixels: 0.8,
    }),
  ];
}
