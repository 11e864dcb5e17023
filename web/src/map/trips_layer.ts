// Open trips: a line from pickup to drop-off, bent a little so that there and back are two lines, and a ring where a
// rider waits for somebody to be found.

import type { Layer, LayerProps } from '@deck.gl/core';
import { ScatterplotLayer } from '@deck.gl/layers';

import type { TripStore } from '../live/trip_store.ts';
import type { Palette } from './palette.ts';
import { StrokesLayer } from './strokes.ts';
import type { Recipe, StrokesProps } from './strokes.ts';
import { FRAGMENT, VERTEX, tripsUniforms } from './trips_shader.ts';

/** States in which nobody has accepted yet: requested, offered. */
const SEARCHING = 2;
/** Strength of a line at the drop-off; it begins weaker, so that one sees where it leads. */
const STRENGTH = 0.62;
/** With so many pixels for each, lines show as strongly as that; crowded ones show weaker, so that they do not cover the city. */
const ROOM_PX = 16_000;
const LEAST_STRENGTH = 0.1;
/** Straight pieces of a bent line. */
const PIECES = 12;

interface OwnProps {
  palette: Palette;
}

class TripsLayer extends StrokesLayer<OwnProps> {
  static override layerName = 'TripsLayer';

  protected override recipe(): Recipe {
    const corners = Array.from({ length: PIECES + 1 }, (_, piece) => [piece / PIECES, -1, piece / PIECES, 1]);
    return { vs: VERTEX, fs: FRAGMENT, module: tripsUniforms, strip: new Float32Array(corners.flat()) };
  }

  protected override uniforms(): Record<string, Record<string, unknown>> {
    const { palette, count } = this.props;
    const { width, height } = this.context.viewport;
    const crowd = Math.min(1, Math.sqrt((width * height) / ROOM_PX / count));
    const [requested, offered, matched, arrived, started] = palette.trips.map((colour) => colour.map((part) => part / 255));
    const strength = Math.max(LEAST_STRENGTH, STRENGTH * crowd);
    return { trips: { strength, requested, offered, matched, arrived, started } };
  }
}

/** The layers of all open trips as they are now. */
export function tripLayers(trips: TripStore, palette: Palette): Layer[] {
  const { block, count, version } = trips;
  if (count === 0) return [];
  const coordinateOrigin = [trips.origin[0], trips.origin[1], 0] as [number, number, number];
  const shared = { coordinateSystem: 'cartesian', coordinateOrigin } as const;
  const lines = { id: 'trips', ...shared, block, count, version, palette };
  return [
    new TripsLayer(lines as unknown as Required<OwnProps & StrokesProps & LayerProps>),
    new ScatterplotLayer({
      id: 'searching',
      ...shared,
      data: searching(trips, palette),
      positionFormat: 'XY',
      filled: false,
      stroked: true,
      radiusUnits: 'pixels',
      lineWidthUnits: 'pixels',
      getRadius: 3.5,
      getLineWidth: 1.6,
    }),
  ];
}

interface Attributes {
  length: number;
  attributes: Record<string, { value: Float32Array | Uint8Array; size: number; normalized?: boolean }>;
}

/** Pickups of those who wait, as attributes. */
function searching({ block, count }: TripStore, palette: Palette): Attributes {
  const slots: number[] = [];
  for (let slot = 0; slot < count; slot += 1) if (block.kind(slot) < SEARCHING) slots.push(slot);
  const positions = new Float32Array(slots.length * 2);
  const colours = new Uint8Array(slots.length * 4);
  slots.forEach((slot, place) => {
    positions[place * 2] = block.fromX(slot);
    positions[place * 2 + 1] = block.fromY(slot);
    colours.set(palette.trips[block.kind(slot)] ?? palette.ink, place * 4);
  });
  return {
    length: slots.length,
    attributes: {
      getPosition: { value: positions, size: 2 },
      getLineColor: { value: colours, size: 4, normalized: true },
    },
  };
}
