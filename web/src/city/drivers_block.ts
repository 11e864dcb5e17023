// Drivers by state: a bar of shares, and the legend of their colours.

import type { Figures } from '../live/messages.ts';
import { setText } from '../shell/shell.ts';
import { UNKNOWN, countText } from './numbers.ts';

type State = keyof Figures['drivers'];

/** States in the order of a trip, with the words for them; the class names its colour. */
export const DRIVER_STATES: readonly [state: State, words: string][] = [
  ['idle', 'Idle'],
  ['reserved', 'Offered a trip'],
  ['to_pickup', 'To pickup'],
  ['waiting', 'At pickup'],
  ['on_trip', 'On trip'],
];

/** The class that carries the colour of a state. */
export function stateClass(state: string): string {
  return `state-${state.replaceAll('_', '-')}`;
}

export class DriversBlock {
  readonly node = document.createElement('section');
  private readonly total: HTMLElement;
  private readonly busy: HTMLElement;
  private readonly shares = new Map<State, HTMLElement>();
  private readonly counts = new Map<State, HTMLElement>();

  constructor() {
    this.node.className = 'block';
    this.node.innerHTML =
      '<div class="block__head"><div class="figure figure--large"><h2 class="figure__label">Drivers on shift</h2>' +
      `<span class="figure__value" data-testid="figure-drivers">${UNKNOWN}</span></div>` +
      '<span class="block__note"></span></div><div class="share" aria-hidden="true"></div><ul class="legend states"></ul>';
    this.total = this.node.querySelector<HTMLElement>('.figure__value')!;
    this.busy = this.node.querySelector<HTMLElement>('.block__note')!;
    const bar = this.node.querySelector('.share')!;
    const list = this.node.querySelector('.legend')!;
    for (const [state, words] of DRIVER_STATES) {
      const share = document.createElement('span');
      share.className = stateClass(state);
      bar.append(share);
      this.shares.set(state, share);
      const item = document.createElement('li');
      item.className = `legend__item ${stateClass(state)}`;
      item.innerHTML = `<span class="swatch"></span><span>${words}</span><b data-testid="drivers-${state}">${UNKNOWN}</b>`;
      list.append(item);
      this.counts.set(state, item.querySelector('b')!);
    }
  }

  show({ drivers }: Figures): void {
    const total = DRIVER_STATES.reduce((sum, [state]) => sum + drivers[state], 0);
    setText(this.total, countText(total));
    setText(this.busy, total === 0 ? '' : `${Math.round(((total - drivers.idle) / total) * 100)} % busy`);
    for (const [state] of DRIVER_STATES) {
      this.shares.get(state)!.style.flexGrow = String(drivers[state]);
      setText(this.counts.get(state)!, countText(drivers[state]));
    }
  }
}
