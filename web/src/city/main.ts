// The page of the city: first what needs no map, so that it shows at once, then the map and the live data.

import { LiveCity } from '../live/live_city.ts';
import { LiveSocket } from '../live/socket.ts';
import type { CityRoads } from '../map/city_file.ts';
import { loadCity } from '../map/load_city.ts';
import { element, setText, startShell } from '../shell/shell.ts';
import { address, addressed } from './address.ts';
import type { CityMap } from './city_map.ts';
import { FiguresPanel } from './figures_panel.ts';
import { listenToFinder } from './finder.ts';
import { LayersPanel } from './layers_panel.ts';
import { rememberedLayers } from './shown.ts';
import { StorySheet } from './story_sheet.ts';
import { showTip } from './tip.ts';

/** After a failure to load the roads. */
const AGAIN_MS = 3000;
/** How often the numbers beside the layers are written. */
const COUNTS_MS = 500;
/** What is asked for when there is no map: the whole city. */
const CITY_ZOOM = 12;

declare global {
  interface Window {
    /** What tests ask the page. */
    hailstorm?: {
      drivers: () => number;
      trips: () => number;
      connected: () => boolean;
      /** Frames drawn per second of late. */
      fps: () => number;
      /** Mean milliseconds that scripts took to draw a frame. */
      scriptMs: () => number;
    };
  }
}

type MapCode = typeof import('./city_map.ts');

const shell = startShell();
const figures = new FiguresPanel(element('figures'));
const message = element('map-message');
// Asked for before the roads, so that both are on their way together.
const mapCode: Promise<MapCode> = import('./city_map.ts');
shell.setConnection('connecting', 'loading the roads');
void boot();

async function boot(): Promise<void> {
  try {
    const [roads, code] = await Promise.all([loadCity(), mapCode]);
    start(roads, code);
  } catch (error) {
    setText(message, `The roads cannot be shown: ${reason(error)}. Trying again.`);
    shell.setConnection('reconnecting', 'loading the roads');
    window.setTimeout(() => void boot(), AGAIN_MS);
  }
}

function start(roads: CityRoads, code: MapCode): void {
  const live = new LiveCity(roads.origin);
  const socket = openSocket(live);
  const layers = new LayersPanel(element('layers'), rememberedLayers(), () => map?.redraw());
  const tip = element('tip');
  const map = openMap(() => {
    return new code.CityMap(element('map'), roads, live, layers.shown, {
      pick: (picked) => {
        showTip(tip, live, null, 0, 0);
        if (picked === null) sheet.close();
        else sheet.open(picked);
      },
      hover: (picked, x, y) => showTip(tip, live, picked, x, y),
      look: (view) => socket.look(view),
    });
  });
  const sheet = new StorySheet({
    changed: (picked) => {
      map?.select(picked);
      address(picked);
    },
    goTo: (picked, place) => map?.goTo(picked, place),
  });
  listenToFinder((picked) => sheet.open(picked, true));
  const asked = addressed();
  if (asked !== null) sheet.open(asked, true);
  if (map === null) socket.look({ type: 'view', ...roads.bounds, zoom: CITY_ZOOM });
  else map.look();
  window.setInterval(() => layers.show(live.driverCount, live.trips.count, map?.topDemand ?? 1), COUNTS_MS);
  window.hailstorm = {
    drivers: () => live.driverCount,
    trips: () => live.trips.count,
    connected: () => socket.connected,
    fps: () => map?.scene.meter.fps() ?? 0,
    scriptMs: () => map?.scene.meter.scriptMs() ?? 0,
  };
}

/** The figures go on where no map can be drawn. */
function openMap(make: () => CityMap): CityMap | null {
  try {
    const map = make();
    message.hidden = true;
    return map;
  } catch (error) {
    setText(message, `The map cannot be drawn: ${reason(error)}.`);
    return null;
  }
}

function openSocket(live: LiveCity): LiveSocket {
  return new LiveSocket({
    message: (told) => {
      live.message(told);
      if (told.type === 'hello') shell.setClock(told.clock, told.now_ms - Date.now());
      if (told.type === 'figures') figures.show(told);
    },
    frame: (frame) => live.frame(frame, performance.now()),
    state: (state, detail) => {
      shell.setConnection(state, detail);
      figures.setStale(state !== 'connected');
    },
  });
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
