// The stage of every map: deck.gl, the roads, where one looks, and what was clicked. What else is drawn comes as layers.

import { Deck, FlyToInterpolator, LinearInterpolator, MapView, WebMercatorViewport } from '@deck.gl/core';
import type { Layer } from '@deck.gl/core';

import { onTheme } from '../shell/theme.ts';
import type { CityRoads } from './city_file.ts';
import { FrameMeter } from './frame_meter.ts';
import type { Bounds } from './mercator.ts';
import { currentPalette } from './palette.ts';
import type { Palette } from './palette.ts';
import { watchPointer } from './pointer.ts';
import { roadsLayer } from './roads_layer.ts';

/** From bottom to top. */
const SLOTS = ['zones', 'roads', 'counts', 'trips', 'route', 'drivers', 'markers', 'labels'] as const;
export type Slot = (typeof SLOTS)[number];

/** Where one looks. */
export interface View {
  longitude: number;
  latitude: number;
  zoom: number;
}

export interface SceneOptions {
  /** The visitor may move the map; by default yes. */
  interactive?: boolean;
}

/** Room around what is fitted, in pixels. */
const PADDING = 28;
const CLOSEST = 18.5;
/** How far out one may go beyond the whole city, in zoom levels. */
const OUTER = 2;
const STEP_MS = 220;
const FLIGHT_MS = 600;

export class Scene {
  readonly city: CityRoads;
  readonly meter = new FrameMeter();
  /** How much larger than usual type is; what is drawn in pixels grows with it. */
  readonly typeScale = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  palette: Palette = currentPalette();
  private readonly container: HTMLElement;
  private readonly deck: Deck<MapView>;
  private readonly layers = new Map<Slot, Layer[]>();
  private readonly repaints: ((palette: Palette) => void)[] = [];
  private readonly moves: (() => void)[] = [];
  private readonly stops: (() => void)[] = [];
  private view: View;
  private animated = false;
  /** The whole city stays in view until the visitor chooses otherwise. */
  private fitted = true;

  constructor(container: HTMLElement, city: CityRoads, options: SceneOptions = {}) {
    if (!canDraw()) throw new Error('this browser does not offer WebGL 2');
    this.container = container;
    this.city = city;
    this.view = this.viewOf(city.bounds);
    const outermost = this.view.zoom - OUTER;
    this.deck = new Deck({
      parent: container as HTMLDivElement,
      views: new MapView({ id: 'map', repeat: false }),
      initialViewState: { ...this.view, minZoom: outermost, maxZoom: CLOSEST },
      controller: options.interactive === false ? false : { dragRotate: false, touchRotate: false, keyboard: false },
      // Above two device pixels a pixel nobody sees the difference, but the graphics card feels it.
      // Every layer smooths its own edges, which costs less than drawing everything several times.
      deviceProps: { webgl: { antialias: false } },
      useDevicePixels: Math.min(window.devicePixelRatio, 2),
      _pickable: false,
      parameters: { depthWriteEnabled: false, depthCompare: 'always' },
      onViewStateChange: ({ viewState, interactionState }) => {
        const { longitude, latitude, zoom } = viewState as View;
        this.view = { longitude, latitude, zoom };
        if (interactionState.isDragging || interactionState.isZooming || interactionState.isPanning) this.fitted = false;
        this.moves.forEach((call) => call());
      },
      onLoad: () => this.adopt(),
      onBeforeRender: () => this.meter.begin(),
      onAfterRender: () => this.meter.end(),
    });
    this.paintRoads();
    this.stops.push(onTheme(() => this.repaint()));
    const resizes = new ResizeObserver(() => this.resized());
    resizes.observe(container);
    this.stops.push(() => resizes.disconnect());
  }

  /** Puts layers into a slot in place of those that were there. */
  set(slot: Slot, layers: Layer[]): void {
    this.layers.set(slot, layers);
    this.deck.setProps({ layers: SLOTS.flatMap((name) => this.layers.get(name) ?? []) });
  }

  /** Draws every frame, for layers that move by themselves; or only when something changed. */
  animate(animated: boolean): void {
    if (animated === this.animated) return;
    this.animated = animated;
    this.deck.setProps({ _animate: animated });
  }

  /** Called with the new colours when the theme changes. */
  onRepaint(call: (palette: Palette) => void): void {
    this.repaints.push(call);
  }

  /** Called whenever something else is in view. */
  onMove(call: () => void): void {
    this.moves.push(call);
  }

  /** Called with the pixel and the place of clicks and taps, and of the pointer as it moves (null when it leaves). */
  onPointer(on: { click?: (at: PointerAt) => void; hover?: (at: PointerAt | null) => void }): void {
    this.stops.push(
      watchPointer(this.container, {
        click: (x, y, touch) => on.click?.(this.pointerAt(x, y, touch)),
        hover: (pixel) => on.hover?.(pixel === null ? null : this.pointerAt(pixel.x, pixel.y, false)),
      }),
    );
  }

  setCursor(cursor: 'grab' | 'pointer' | 'crosshair'): void {
    const canvas = this.deck.getCanvas();
    if (canvas !== null && canvas.style.cursor !== cursor) canvas.style.cursor = cursor;
  }

  /** What is in view. */
  bounds(): Bounds {
    const [west, south, east, north] = this.viewport().getBounds();
    return { west, south, east, north };
  }

  get zoom(): number {
    return this.view.zoom;
  }

  viewport(): WebMercatorViewport {
    const { width, height } = this.size();
    return new WebMercatorViewport({ ...this.view, width, height });
  }

  fit(bounds: Bounds): void {
    this.fitted = bounds === this.city.bounds;
    this.go(this.viewOf(bounds), FLIGHT_MS);
  }

  flyTo(at: { lat: number; lon: number }, zoom = this.view.zoom): void {
    this.fitted = false;
    this.go({ longitude: at.lon, latitude: at.lat, zoom }, FLIGHT_MS);
  }

  zoomBy(levels: number): void {
    this.fitted = false;
    this.go({ ...this.view, zoom: Math.min(CLOSEST, this.view.zoom + levels) }, STEP_MS);
  }

  /** Moves by shares of the width and height, east and north. */
  panBy(east: number, north: number): void {
    this.fitted = false;
    const { width, height } = this.size();
    const [longitude, latitude] = this.viewport().unproject([width * (0.5 + east), height * (0.5 - north)]) as [number, number];
    this.go({ ...this.view, longitude, latitude }, STEP_MS);
  }

  destroy(): void {
    this.stops.forEach((stop) => stop());
    this.deck.finalize();
  }

  /** The canvas is there: it is no stop of its own on the way of the Tab key, and may be lost to the graphics card. */
  private adopt(): void {
    const canvas = this.deck.getCanvas();
    if (canvas === null) return;
    canvas.tabIndex = -1;
    canvas.addEventListener('webglcontextlost', () => {
      const message = document.createElement('p');
      message.className = 'map__message';
      message.textContent = 'The graphics card was reset. Reload the page to see the map again.';
      this.container.append(message);
    });
  }

  private go(view: View, durationMs: number): void {
    const far = Math.abs(view.zoom - this.view.zoom) > 1.5;
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const ways = far ? new FlyToInterpolator() : new LinearInterpolator(['longitude', 'latitude', 'zoom']);
    const minZoom = this.viewOf(this.city.bounds).zoom - OUTER;
    const target = { ...view, zoom: Math.max(minZoom, view.zoom), minZoom, maxZoom: CLOSEST };
    this.view = view;
    this.deck.setProps({
      initialViewState: calm ? target : { ...target, transitionDuration: durationMs, transitionInterpolator: ways },
    });
    this.moves.forEach((call) => call());
  }

  private resized(): void {
    if (this.fitted) this.go(this.viewOf(this.city.bounds), 0);
    else this.moves.forEach((call) => call());
  }

  private viewOf({ west, south, east, north }: Bounds): View {
    const { width, height } = this.size();
    const padding = Math.min(PADDING, width / 8, height / 8);
    const viewport = new WebMercatorViewport({ width, height, longitude: 0, latitude: 0, zoom: 1 });
    const { longitude, latitude, zoom } = viewport.fitBounds([[west, south], [east, north]], { padding, maxZoom: 16.5 });
    return { longitude, latitude, zoom };
  }

  private size(): { width: number; height: number } {
    return { width: Math.max(1, this.container.clientWidth), height: Math.max(1, this.container.clientHeight) };
  }

  private pointerAt(x: number, y: number, touch: boolean): PointerAt {
    const [lon, lat] = this.viewport().unproject([x, y]) as [number, number];
    return { x, y, lon, lat, touch };
  }

  private paintRoads(): void {
    this.set('roads', [roadsLayer(this.city, this.palette)]);
  }

  private repaint(): void {
    this.palette = currentPalette();
    this.paintRoads();
    this.repaints.forEach((call) => call(this.palette));
  }
}

function canDraw(): boolean {
  const context = document.createElement('canvas').getContext('webgl2');
  context?.getExtension('WEBGL_lose_context')?.loseContext();
  return context !== null;
}

/** Where the pointer is: pixels of the map, and the place there. */
export interface PointerAt {
  x: number;
  y: number;
  lon: number;
  lat: number;
  /** A finger: it hides what it points at, so more counts as near. */
  touch: boolean;
}
