// The few important things on a map: pickup, drop-off, a driver, a route.

import type { Layer } from '@deck.gl/core';
import { PathLayer, ScatterplotLayer, TextLayer } from '@deck.gl/layers';

import { DriverStore } from '../live/driver_store.ts';
import { driversLayer } from './drivers_layer.ts';
import { commonX, commonY } from './mercator.ts';
import type { Palette, Rgba } from './palette.ts';

export interface Marker {
  id: string;
  lat: number;
  lon: number;
  kind: 'pickup' | 'dropoff' | 'driver';
  /** Degrees clockwise from north. */
  heading?: number;
  label?: string;
}

/** To pickup, by its number: the colour of a driver who is somebody's. */
const DRIVER_STATE = 3;

/** Draws the drivers among the markers; keeps one store, because the graphics card keeps its bytes. */
export class MarkedDrivers {
  private readonly store: DriverStore;

  /** `origin`: as of the roads. */
  constructor(origin: readonly [x: number, y: number]) {
    this.store = new DriverStore(origin, 16);
  }

  layers(markers: Marker[], palette: Palette): Layer[] {
    const drivers = markers.filter((marker) => marker.kind === 'driver');
    const now = performance.now();
    // Whoever is placed anew stands at once where it is said to be.
    this.store.keepTiles(new Set());
    drivers.forEach(({ lat, lon, heading = 0 }, number) => {
      const turn = Math.round((((heading % 360) + 360) % 360) / (360 / 256)) % 256;
      this.store.put(number, commonX(lon), commonY(lat), turn, DRIVER_STATE, 0, 0, now);
    });
    return [driversLayer('marked-drivers', { store: this.store, palette, size: 1.9, grows: false })];
  }
}

/** Pickups, drop-offs and the labels of all markers. */
export function stopLayers(markers: Marker[], palette: Palette): Layer[] {
  const stops = markers.filter((marker) => marker.kind !== 'driver');
  const labelled = markers.filter((marker) => marker.label !== undefined);
  const isPickup = (marker: Marker): boolean => marker.kind === 'pickup';
  return [
    new ScatterplotLayer<Marker>({
      id: 'stops',
      data: stops,
      getPosition: ({ lon, lat }) => [lon, lat],
      radiusUnits: 'pixels',
      lineWidthUnits: 'pixels',
      stroked: true,
      getRadius: 7,
      getLineWidth: 3.5,
      getFillColor: (marker) => (isPickup(marker) ? palette.ground : palette.ink),
      getLineColor: (marker) => (isPickup(marker) ? palette.accent : palette.ground),
      updateTriggers: { getFillColor: palette, getLineColor: palette },
    }),
    // Without a text there would be no letters to draw, which the graphics card does not like.
    ...(labelled.length === 0 ? [] : [labels(labelled, palette)]),
  ];
}

function labels(labelled: Marker[], palette: Palette): Layer {
  return new TextLayer<Marker>({
    id: 'stop-labels',
    data: labelled,
    getPosition: ({ lon, lat }) => [lon, lat],
    getText: ({ label }) => label ?? '',
    getPixelOffset: [0, -22],
    getSize: 13,
    getColor: palette.label,
    fontFamily: 'system-ui, "Segoe UI", Roboto, sans-serif',
    fontWeight: 600,
    fontSettings: { sdf: false },
    background: true,
    backgroundPadding: [7, 3, 7, 3],
    getBackgroundColor: [palette.ground[0], palette.ground[1], palette.ground[2], 235],
    characterSet: 'auto',
  });
}

/** A route as a line with a rim, so that it stands out from the roads. */
export function routeLayers(path: [number, number][] | null, palette: Palette): Layer[] {
  if (path === null || path.length < 2) return [];
  const line = (id: string, colour: Rgba, widthPixels: number): Layer =>
    new PathLayer<[number, number][]>({
      id,
      data: [path],
      getPath: (points) => points,
      getColor: colour,
      getWidth: widthPixels,
      widthUnits: 'pixels',
      jointRounded: true,
      capRounded: true,
      antialiasing: true,
    });
  return [line('route-rim', palette.ground, 9), line('route', palette.accent, 5)];
}
