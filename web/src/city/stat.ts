// One figure with its chart.

import { setText } from '../shell/shell.ts';
import { Chart } from './chart.ts';
import { History } from './history.ts';
import { UNKNOWN } from './numbers.ts';

export interface StatWords {
  /** Also the end of its test id. */
  id: string;
  label: string;
  unit: string;
  format: (value: number) => string;
}

export class Stat {
  readonly node: HTMLElement;
  private readonly words: StatWords;
  private readonly value: HTMLElement;
  private readonly note: HTMLElement;
  private readonly history = new History();
  private chart: Chart | null = null;
  private noteText = '';
  private hovered: number | null = null;

  constructor(words: StatWords) {
    this.words = words;
    this.node = document.createElement('div');
    this.node.className = 'stat';
    this.node.innerHTML =
      '<div class="figure"><span class="figure__label"></span><span class="figure__value"><span></span><span class="figure__unit"></span></span></div>' +
      '<span class="stat__note"></span><div class="chart" aria-hidden="true"></div>';
    const find = (selector: string): HTMLElement => this.node.querySelector<HTMLElement>(selector)!;
    find('.figure__label').textContent = words.label;
    find('.figure__unit').textContent = words.unit;
    this.value = find('.figure__value > span');
    this.value.textContent = UNKNOWN;
    this.value.dataset.testid = `figure-${words.id}`;
    this.note = find('.stat__note');
  }

  /** Takes the newest value in, null if it is not known; the note stands under it. */
  add(timeS: number, value: number | null, note: string): void {
    this.history.add(timeS, value);
    this.noteText = note;
    // The chart is made when its place on the page has a size.
    this.chart ??= new Chart(this.node.querySelector<HTMLElement>('.chart')!, (index) => this.hover(index));
    this.chart.show(this.history);
    this.write();
  }

  private hover(index: number | null): void {
    this.hovered = index;
    this.write();
  }

  /** The newest value, or the one under the pointer with how long ago it was. */
  private write(): void {
    const { times, values } = this.history;
    const last = times.length - 1;
    const at = this.hovered !== null && this.hovered <= last ? this.hovered : last;
    const value = values[at] ?? null;
    setText(this.value, value === null ? UNKNOWN : this.words.format(value));
    const ago = Math.round((times[last] ?? 0) - (times[at] ?? 0));
    setText(this.note, this.hovered === null ? this.noteText : ago === 0 ? 'now' : `${ago} s ago`);
  }
}
