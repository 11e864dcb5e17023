// Zones of demand and supply, coloured by surge or by demand, under the roads.

import type { Layer } from '@deck.gl/core';
import { PolygonLayer, TextLayer } from '@deck.gl/layers';

import type { ZoneState } from '../live/messages.ts';
import type { Palette, Rgba } from './palette.ts';
import { onRamp } from './ramp.ts';
import { strength, topDemand } from './zone_scale.ts';
import type { ZonesShown } from './zone_scale.ts';

/** Up to this zoom zones show in full; nearer, where one fills the screen, they step back. */
const WHOLE_ZOOM = 13.5;
const LEAST_STRENGTH = 0.3;
/** Zones with less surge have no label, hundredths. */
const LABEL_FROM = 110;
const LABEL_PX = 13;
/** Below this zoom labels would cover their zones. */
const LABEL_ZOOM = 12.2;

/** The polygons. `version` says when their colours are to be taken anew; `zones` keeps its identity while rings stay. */
export function zonesLayer(zones: ZoneState[], shown: ZonesShown, palette: Palette, version: number, zoom: number): Layer[] {
  if (shown === 'none' || zones.length === 0) return [];
  const top = topDemand(zones);
  const outline: Rgba = [palette.inkSoft[0], palette.inkSoft[1], palette.inkSoft[2], 46];
  return [
    new PolygonLayer<ZoneState>({
      id: 'zones',
      data: zones,
      opacity: Math.max(LEAST_STRENGTH, Math.min(1, (WHOLE_ZOOM + 3 - zoom) / 3)),
      getPolygon: ({ ring }) => ring,
      getFillColor: (zone) => {
        const share = strength(zone, shown, top);
        return share <= 0 ? [0, 0, 0, 0] : onRamp(palette.surge, share, 0.3 + 0.35 * Math.min(1, share));
      },
      getLineColor: outline,
      getLineWidth: 1,
      lineWidthUnits: 'pixels',
      _subLayerProps: { stroke: { antialiasing: true } },
      updateTriggers: { getFillColor: [version, shown, palette], getLineColor: palette },
    }),
  ];
}

/** The numbers in the zones; `scale` is how much larger than usual type is. */
export function zoneLabels(zones: ZoneState[], shown: ZonesShown, palette: Palette, zoom: number, scale: number): Layer[] {
  if (shown === 'none' || zoom < LABEL_ZOOM) return [];
  const labelled = zones.filter((zone) => (shown === 'surge' ? zone.surge >= LABEL_FROM : zone.demand > 0));
  return [
    new TextLayer<ZoneState>({
      id: 'zone-labels',
      data: labelled,
      getPosition: ({ ring }) => middle(ring),
      getText: (zone) => (shown === 'surge' ? `${(zone.surge / 100).toFixed(1)}×` : String(Math.round(zone.demand))),
      getSize: LABEL_PX * scale,
      getColor: palette.label,
      fontFamily: 'system-ui, "Segoe UI", Roboto, sans-serif',
      fontWeight: 600,
      fontSettings: { sdf: true, fontSize: 48, radius: 10 },
      outlineWidth: 3,
      outlineColor: palette.ground,
      characterSet: '×.0123456789',
    }),
  ];
}

/** The mean of the corners of a ring. */
function middle(ring: ZoneState['ring']): [number, number] {
  const corners = Math.max(1, ring.length);
  const sum = ring.reduce<[number, number]>(([east, north], [lon, lat]) => [east + lon, north + lat], [0, 0]);
  return [sum[0] / corners, sum[1] / corners];
}
