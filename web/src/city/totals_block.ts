// What has been counted since the gateway started.

import { moneyText } from '../journey/words.ts';
import type { Figures } from '../live/messages.ts';
import { setText } from '../shell/shell.ts';
import { UNKNOWN, countText } from './numbers.ts';

const ROWS: readonly [id: string, words: string, text: (figures: Figures) => string][] = [
  ['requests', 'Requests', ({ totals }) => countText(totals.requests)],
  ['completed', 'Completed', ({ totals }) => countText(totals.completed)],
  ['cancelled', 'Cancelled', ({ totals }) => countText(totals.cancelled)],
  ['unfulfilled', 'Unfulfilled', ({ totals }) => countText(totals.unfulfilled)],
  ['reports', 'Reports', ({ totals }) => countText(totals.reports)],
  ['fares', 'Fares', ({ totals }) => moneyText({ minor: totals.fares_minor, currency: totals.currency })],
];

export class TotalsBlock {
  readonly node = document.createElement('section');
  private readonly values: HTMLElement[] = [];
  private readonly viewers: HTMLElement;

  constructor() {
    this.node.className = 'block';
    this.node.innerHTML =
      '<div class="block__head"><h2 class="block__title">Since the gateway started</h2><span class="block__note"></span></div><dl class="totals"></dl>';
    this.viewers = this.node.querySelector<HTMLElement>('.block__note')!;
    const list = this.node.querySelector('dl')!;
    for (const [id, words] of ROWS) {
      const row = document.createElement('div');
      row.innerHTML = `<dt>${words}</dt><dd data-testid="total-${id}">${UNKNOWN}</dd>`;
      list.append(row);
      this.values.push(row.querySelector('dd')!);
    }
  }

  show(figures: Figures): void {
    ROWS.forEach(([, , text], place) => setText(this.values[place]!, text(figures)));
    setText(this.viewers, figures.viewers === 1 ? '1 viewer' : `${countText(figures.viewers)} viewers`);
  }
}
