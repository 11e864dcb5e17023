// The colours of the map in the shown theme, as the graphics card wants them. The values stand in tokens.css.

import { colour } from '../shell/theme.ts';

/** Red, green, blue, alpha, 0 to 255. */
export type Rgba = [number, number, number, number];

export interface Palette {
  /** Roads by class: freeway, arterial, street, residential. */
  roads: Rgba[];
  ink: Rgba;
  inkSoft: Rgba;
  ground: Rgba;
  accent: Rgba;
  label: Rgba;
  /** Surge from none to the most. */
  surge: Rgba[];
  /** Open trips by state: requested, offered, matched, arrived, started. */
  trips: Rgba[];
  /** Free and taken drivers, for counts. */
  idle: Rgba;
  busy: Rgba;
  /** For the shader of drivers: 0 to 1. */
  drivers: Record<DriverColour, number[]>;
}

type DriverColour = 'rim' | 'accent' | 'offline' | 'idle' | 'reserved' | 'toPickup' | 'waiting' | 'onTrip';

/** The colours of the theme that is shown now. */
export function currentPalette(): Palette {
  const unit = (token: string, alpha = 1): number[] => colour(token, alpha).map((part) => part / 255);
  return {
    roads: ['--map-freeway', '--map-arterial', '--map-street', '--map-residential'].map((token) => colour(token)),
    ink: colour('--ink'),
    inkSoft: colour('--ink-3'),
    ground: colour('--map-ground'),
    accent: colour('--accent'),
    label: colour('--map-label'),
    surge: [1, 2, 3, 4, 5].map((step) => colour(`--surge-${step}`)),
    trips: ['--ink', '--state-reserved', '--state-to-pickup', '--state-waiting', '--state-on-trip'].map((token) => colour(token)),
    idle: colour('--state-idle'),
    busy: colour('--state-on-trip'),
    drivers: {
      rim: unit('--map-ground', 0.85),
      accent: unit('--accent'),
      offline: unit('--state-offline'),
      idle: unit('--state-idle'),
      reserved: unit('--state-reserved'),
      toPickup: unit('--state-to-pickup'),
      waiting: unit('--state-waiting'),
      onTrip: unit('--state-on-trip'),
    },
  };
}
