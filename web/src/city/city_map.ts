// The map of the city: what the live city holds, as layers; what lies under the pointer, as words.

import type { LiveCity } from '../live/live_city.ts';
import type { ViewMessage, ZoneState } from '../live/messages.ts';
import { addZoomButtons } from '../map/controls.ts';
import { countLayers } from '../map/counts_layer.ts';
import { driversLayer } from '../map/drivers_layer.ts';
import { listenToKeys } from '../map/keyboard.ts';
import { routeLayers, stopLayers } from '../map/markers.ts';
import { latOf, lonOf } from '../map/mercator.ts';
import { Scene } from '../map/scene.ts';
import { tripLayers } from '../map/trips_layer.ts';
import { topDemand } from '../map/zone_scale.ts';
import { zoneLabels, zonesLayer } from '../map/zones_layer.ts';
import type { CityRoads } from '../map/city_file.ts';
import { Picker } from './picker.ts';
import type { Picked } from './picker.ts';
import type { ShownLayers } from './shown.ts';

/** How often layers that do not move by themselves are looked after. */
const REFRESH_MS = 250;
/** How close one gets to a driver or a trip that was asked for. */
const NEAR_ZOOM = 15.5;
/** A little more than what is in view is asked for, so that a small move finds drivers there. */
const MARGIN = 0.1;

export interface CityMapCalls {
  /** Something was clicked, or nothing. */
  pick(picked: Picked | null): void;
  /** The pointer is over something, or over nothing. */
  hover(picked: Picked | null, x: number, y: number): void;
  /** Something else is in view. */
  look(view: ViewMessage): void;
}

export class CityMap {
  readonly scene: Scene;
  private readonly live: LiveCity;
  private readonly shown: ShownLayers;
  private readonly picker: Picker;
  private readonly calls: CityMapCalls;
  private selected: Picked | null = null;
  private zones: ZoneState[] = [];
  private drawn = { trips: -1, counts: -1, zones: -1, zoom: 0, mode: '' };

  constructor(container: HTMLElement, roads: CityRoads, live: LiveCity, shown: ShownLayers, calls: CityMapCalls) {
    this.live = live;
    this.shown = shown;
    this.calls = calls;
    this.scene = new Scene(container, roads);
    this.picker = new Picker(this.scene, live, shown);
    listenToKeys(container, this.scene, 'Live map of the city');
    addZoomButtons(container, this.scene);
    this.scene.onRepaint(() => this.redraw());
    this.scene.onMove(() => this.look());
    this.scene.onPointer({
      click: (at) => calls.pick(this.picker.pick(at, false)),
      hover: (at) => this.hover(at === null ? null : this.picker.pick(at, true), at?.x ?? 0, at?.y ?? 0),
    });
    setInterval(() => this.refresh(), REFRESH_MS);
    this.redraw();
  }

  /** Says what is in view. */
  look(): void {
    const { west, south, east, north } = this.scene.bounds();
    const [wide, high] = [(east - west) * MARGIN, (north - south) * MARGIN];
    this.calls.look({
      type: 'view',
      west: Math.max(-180, west - wide),
      south: Math.max(-85, south - high),
      east: Math.min(180, east + wide),
      north: Math.min(85, north + high),
      zoom: Math.min(30, Math.max(0, this.scene.zoom)),
    });
  }

  /** Marks a driver or a trip. */
  select(picked: Picked | null): void {
    this.selected = picked;
    this.drawDrivers();
    this.drawSelected();
  }

  /** Goes to where a driver or a trip is; to `otherwise` if it is not among what is in view. */
  goTo(picked: Picked, otherwise: { lat: number; lon: number } | null): void {
    const place = this.placeOf(picked) ?? otherwise;
    if (place !== null) this.scene.flyTo(place, Math.max(NEAR_ZOOM, this.scene.zoom));
  }

  /** The demand at the end of the scale. */
  get topDemand(): number {
    return topDemand(this.zones);
  }

  /** Draws everything anew: other colours, other layers. */
  redraw(): void {
    this.drawn = { trips: -1, counts: -1, zones: -1, zoom: 0, mode: '' };
    this.drawDrivers();
    this.refresh();
  }

  private refresh(): void {
    const { live, drawn, scene } = this;
    live.drivers.sweep(performance.now());
    if (drawn.mode !== live.mode) this.drawDrivers();
    if (drawn.counts !== live.counts.version) this.drawCounts();
    if (drawn.trips !== live.trips.version) this.drawTrips();
    if (drawn.zones !== live.zonesVersion) this.drawZones();
    if (Math.floor(drawn.zoom * 4) !== Math.floor(scene.zoom * 4)) this.drawZones();
    scene.animate(this.shown.drivers && live.mode === 'points' && live.drivers.count > 0);
  }

  private drawDrivers(): void {
    const { live, scene, shown, selected } = this;
    this.drawn.mode = live.mode;
    const isShown = shown.drivers && live.mode === 'points';
    const driver = selected?.kind === 'driver' ? Number(selected.id) : (this.selectedTrip()?.driver ?? 0);
    const layer = driversLayer('drivers', { store: live.drivers, palette: scene.palette, size: scene.typeScale, selected: driver === 0 ? null : driver });
    scene.set('drivers', isShown ? [layer] : []);
  }

  private drawCounts(): void {
    const { live, scene, shown } = this;
    this.drawn.counts = live.counts.version;
    scene.set('counts', shown.drivers ? countLayers(live.counts, scene.palette, scene.city.origin) : []);
  }

  private drawTrips(): void {
    const { live, scene, shown } = this;
    this.drawn.trips = live.trips.version;
    scene.set('trips', shown.trips ? tripLayers(live.trips, scene.palette) : []);
    this.drawSelected();
  }

  private drawZones(): void {
    const { live, scene, shown } = this;
    this.drawn.zones = live.zonesVersion;
    this.drawn.zoom = scene.zoom;
    // The same array as long as the same zones are there: rings are then not taken apart again.
    const isKnown = this.zones.length === live.zones.size && this.zones.every(({ zone }) => live.zones.has(zone));
    if (isKnown) this.zones.forEach((zone) => Object.assign(zone, live.zones.get(zone.zone)));
    else this.zones = [...live.zones.values()].map((zone) => ({ ...zone }));
    scene.set('zones', zonesLayer(this.zones, shown.zones, scene.palette, live.zonesVersion, scene.zoom));
    scene.set('labels', zoneLabels(this.zones, shown.zones, scene.palette, scene.zoom, scene.typeScale));
  }

  /** The way of the selected trip, straight, with its ends named. */
  private drawSelected(): void {
    const { scene } = this;
    const trip = this.selectedTrip();
    const ends: [number, number][] = trip === null ? [] : [[trip.pickupLon, trip.pickupLat], [trip.dropoffLon, trip.dropoffLat]];
    const [pickup, dropoff] = ends;
    scene.set('route', routeLayers(ends, scene.palette));
    const stops = pickup && dropoff ? ([['pickup', 'Pickup', pickup], ['dropoff', 'Drop-off', dropoff]] as const) : [];
    scene.set(
      'markers',
      stopLayers(stops.map(([kind, label, [lon, lat]]) => ({ id: kind, kind, label, lon, lat })), scene.palette),
    );
  }

  private selectedTrip(): ReturnType<LiveCity['trips']['byId']> {
    const { selected, live } = this;
    if (selected === null || selected.kind === 'zone') return null;
    return selected.kind === 'trip' ? live.trips.byId(selected.id) : live.trips.ofDriver(Number(selected.id));
  }

  private placeOf(picked: Picked): { lat: number; lon: number } | null {
    const { drivers, trips } = this.live;
    if (picked.kind === 'driver') {
      const slot = drivers.slotOf(Number(picked.id));
      const shown = slot < 0 ? null : drivers.shownAt(slot, performance.now());
      return shown === null ? null : { lat: latOf(shown.y), lon: lonOf(shown.x) };
    }
    const trip = trips.byId(picked.id);
    return trip === null ? null : { lat: trip.pickupLat, lon: trip.pickupLon };
  }

  private hover(picked: Picked | null, x: number, y: number): void {
    this.scene.setCursor(picked !== null && picked.kind !== 'zone' ? 'pointer' : 'grab');
    this.calls.hover(picked, x, y);
  }
}
