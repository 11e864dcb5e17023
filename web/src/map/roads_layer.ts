// The roads: a stroke with round ends for every street, its edges smoothed where it is drawn. Simpler than deck.gl's own
// paths, which take streets apart into several triangles each: a city has some ten thousand, redrawn every frame.

import type { LayerProps } from '@deck.gl/core';

import type { CityRoads } from './city_file.ts';
import type { Palette } from './palette.ts';
import { FRAGMENT, VERTEX, roadsUniforms } from './roads_shader.ts';
import { StrokesLayer } from './strokes.ts';
import type { Recipe, StrokesProps } from './strokes.ts';

/** Width of each class in metres: freeway, arterial, street, residential. */
const WIDTHS_M = [19, 13, 8, 6];
/** No road is drawn thinner, in pixels; what it lacks in width it lacks in strength. */
const THINNEST_PX = 1;
const WIDEST_PX = 15;

interface OwnProps {
  palette: Palette;
}

class RoadsLayer extends StrokesLayer<OwnProps> {
  static override layerName = 'RoadsLayer';

  protected override recipe(): Recipe {
    return { vs: VERTEX, fs: FRAGMENT, module: roadsUniforms, strip: new Float32Array([0, -1, 1, -1, 0, 1, 1, 1]) };
  }

  protected override uniforms(): Record<string, Record<string, unknown>> {
    const [freeway, arterial, street, residential] = this.props.palette.roads.map((colour) => colour.map((part) => part / 255));
    return { roads: { thinnest: THINNEST_PX, widest: WIDEST_PX, widths: WIDTHS_M, freeway, arterial, street, residential } };
  }
}

/** Draws the roads in the colours of a palette. */
export function roadsLayer(city: CityRoads, palette: Palette): RoadsLayer {
  return new RoadsLayer({
    id: 'roads',
    coordinateSystem: 'cartesian',
    coordinateOrigin: [city.origin[0], city.origin[1], 0],
    block: city.streets,
    count: city.streets.capacity,
    version: 0,
    palette,
  } as unknown as Required<OwnProps & StrokesProps & LayerProps>);
}
