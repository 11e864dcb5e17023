// The card on the map that chooses layers and explains their colours.

import { setText } from '../shell/shell.ts';
import type { ZonesShown } from '../map/zone_scale.ts';
import { SURGE_FROM, SURGE_TO } from '../map/zone_scale.ts';
import { countText } from './numbers.ts';
import { rememberLayers } from './shown.ts';
import type { ShownLayers } from './shown.ts';

const ZONES: readonly [shown: ZonesShown, words: string][] = [
  ['none', 'Off'],
  ['surge', 'Surge'],
  ['demand', 'Demand'],
];

const MARKUP = `
  <label class="layers__row"><input type="checkbox" data-layer="drivers" data-testid="layer-drivers"><span>Drivers</span><output data-testid="map-drivers">0</output></label>
  <label class="layers__row"><input type="checkbox" data-layer="trips" data-testid="layer-trips"><span>Open trips</span><output data-testid="map-trips">0</output></label>
  <p class="layers__key"><svg width="28" height="12" viewBox="0 0 28 12" aria-hidden="true"><circle cx="5" cy="7" r="3.4" fill="none" stroke="var(--ink)" stroke-width="1.6"/><path d="M10 8.5Q18 1 27 6" fill="none" stroke="var(--state-on-trip)" stroke-width="1.6"/></svg>pickup waits, way to drop-off</p>
  <fieldset class="segments" aria-label="Zones"></fieldset>
  <p class="ramp"><span data-end="low"></span><span class="ramp__bar"></span><span data-end="high"></span></p>`;

export class LayersPanel {
  readonly shown: ShownLayers;
  private readonly node: HTMLElement;
  private readonly changed: () => void;

  /** `changed` is called when the visitor chooses. */
  constructor(node: HTMLElement, shown: ShownLayers, changed: () => void) {
    this.node = node;
    this.shown = shown;
    this.changed = changed;
    node.innerHTML = MARKUP;
    for (const box of node.querySelectorAll<HTMLInputElement>('[data-layer]')) {
      const layer = box.dataset.layer as 'drivers' | 'trips';
      box.checked = shown[layer];
      box.addEventListener('change', () => this.choose({ [layer]: box.checked }));
    }
    this.addSegments(node.querySelector('fieldset')!);
    this.setScale(1);
  }

  /** How many are shown, and the demand at the end of the scale. */
  show(drivers: number, trips: number, topDemand: number): void {
    setText(this.find('[data-testid=map-drivers]'), countText(drivers));
    setText(this.find('[data-testid=map-trips]'), countText(trips));
    this.setScale(topDemand);
  }

  private addSegments(fieldset: HTMLElement): void {
    for (const [zones, words] of ZONES) {
      const label = document.createElement('label');
      label.innerHTML = `<input type="radio" name="zones" value="${zones}" data-testid="zones-${zones}"><span>${words}</span>`;
      const radio = label.querySelector('input')!;
      radio.checked = this.shown.zones === zones;
      radio.addEventListener('change', () => this.choose({ zones }));
      fieldset.append(label);
    }
  }

  private choose(choice: Partial<ShownLayers>): void {
    Object.assign(this.shown, choice);
    rememberLayers(this.shown);
    this.changed();
  }

  private setScale(topDemand: number): void {
    const { zones } = this.shown;
    this.find('.ramp').dataset.shown = zones;
    const bySurge = zones !== 'demand';
    setText(this.find('[data-end=low]'), bySurge ? `${SURGE_FROM / 100}×` : '0');
    setText(this.find('[data-end=high]'), bySurge ? `${SURGE_TO / 100}×` : countText(topDemand));
  }

  private find(selector: string): HTMLElement {
    return this.node.querySelector<HTMLElement>(selector)!;
  }
}
