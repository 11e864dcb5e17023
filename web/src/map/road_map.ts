// A map of roads with some markers, a route and, if wanted, drivers: what the pages for riders and drivers show.

import type { DriverStore } from '../live/driver_store.ts';
import { addZoomButtons } from './controls.ts';
import { driversLayer } from './drivers_layer.ts';
import { listenToKeys } from './keyboard.ts';
import { loadCity } from './load_city.ts';
import { MarkedDrivers, routeLayers, stopLayers } from './markers.ts';
import type { Marker } from './markers.ts';
import { commonX, commonY } from './mercator.ts';
import type { Bounds } from './mercator.ts';
import { Scene } from './scene.ts';

export type { Marker } from './markers.ts';
export type { Bounds } from './mercator.ts';

/** Drivers to show; a `DriverStore` may change while it is shown. */
export type DriverPoints = DriverStore;

export interface RoadMap {
  setDrivers(drivers: DriverPoints | null): void;
  setMarkers(markers: Marker[]): void;
  setRoute(path: [number, number][] | null): void;
  fit(bounds: Bounds): void;
  flyTo(at: { lat: number; lon: number }): void;
  onClick(call: (at: { lat: number; lon: number }) => void): void;
  onPick(call: (picked: { kind: 'driver' | 'trip'; id: string }) => void): void;
  destroy(): void;
}

export interface RoadMapOptions {
  /** The visitor may move the map; by default yes. */
  interactive?: boolean;
}

/** A click this near to a driver is meant for it, in pixels. */
const PICK_REACH = 14;

/** Makes a map in a container that has a size. Loads the roads itself; rejects with a readable message if there are none. */
export async function createRoadMap(container: HTMLElement, options: RoadMapOptions = {}): Promise<RoadMap> {
  const city = await loadCity();
  const scene = new Scene(container, city, options);
  if (options.interactive !== false) {
    listenToKeys(container, scene, 'Map of the city');
    addZoomButtons(container, scene);
  }
  return new SceneRoadMap(scene);
}

class SceneRoadMap implements RoadMap {
  private readonly scene: Scene;
  private readonly marked: MarkedDrivers;
  private markers: Marker[] = [];
  private route: [number, number][] | null = null;
  private drivers: DriverStore | null = null;
  private readonly clicks: ((at: { lat: number; lon: number }) => void)[] = [];
  private readonly picks: ((picked: { kind: 'driver' | 'trip'; id: string }) => void)[] = [];

  constructor(scene: Scene) {
    this.scene = scene;
    this.marked = new MarkedDrivers(scene.city.origin);
    scene.onPointer({
      click: ({ lat, lon }) => {
        const id = this.picks.length > 0 ? this.driverAt(lat, lon) : null;
        if (id !== null) this.picks.forEach((call) => call({ kind: 'driver', id }));
        else this.clicks.forEach((call) => call({ lat, lon }));
      },
    });
    scene.onRepaint(() => this.draw());
  }

  setDrivers(drivers: DriverPoints | null): void {
    this.drivers = drivers;
    this.scene.animate(drivers !== null);
    this.drawDrivers();
  }

  setMarkers(markers: Marker[]): void {
    this.markers = markers;
    this.drawMarkers();
  }

  setRoute(path: [number, number][] | null): void {
    this.route = path;
    this.drawRoute();
  }

  fit(bounds: Bounds): void {
    this.scene.fit(bounds);
  }

  flyTo(at: { lat: number; lon: number }): void {
    this.scene.flyTo(at);
  }

  onClick(call: (at: { lat: number; lon: number }) => void): void {
    this.clicks.push(call);
    this.scene.setCursor('crosshair');
  }

  onPick(call: (picked: { kind: 'driver' | 'trip'; id: string }) => void): void {
    this.picks.push(call);
  }

  destroy(): void {
    this.scene.destroy();
  }

  private driverAt(lat: number, lon: number): string | null {
    if (this.drivers === null) return null;
    const reach = PICK_REACH / 2 ** this.scene.zoom;
    const slot = this.drivers.nearest(commonX(lon), commonY(lat), reach, performance.now());
    return slot < 0 ? null : String(this.drivers.idAt(slot));
  }

  private draw(): void {
    this.drawDrivers();
    this.drawMarkers();
    this.drawRoute();
  }

  private drawDrivers(): void {
    const { drivers: store, scene } = this;
    scene.set('drivers', store === null ? [] : [driversLayer('drivers', { store, palette: scene.palette })]);
  }

  private drawMarkers(): void {
    const { markers, scene } = this;
    scene.set('markers', [...stopLayers(markers, scene.palette), ...this.marked.layers(markers, scene.palette)]);
  }

  private drawRoute(): void {
    this.scene.set('route', routeLayers(this.route, this.scene.palette));
  }
}
