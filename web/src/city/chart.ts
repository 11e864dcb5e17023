// A small chart of the last minutes, without axes: its number stands above it, and tells the past under the pointer.

import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

import { cssColour, onTheme } from '../shell/theme.ts';
import { POINTS } from './history.ts';
import type { History } from './history.ts';

export class Chart {
  private readonly plot: uPlot;

  /** `onHover` is told which point is under the pointer, null when none is. */
  constructor(container: HTMLElement, onHover: (index: number | null) => void) {
    const options: uPlot.Options = {
      width: Math.max(1, container.clientWidth),
      height: Math.max(1, container.clientHeight),
      padding: [3, 0, 1, 0],
      legend: { show: false },
      axes: [{ show: false }, { show: false }],
      scales: {
        // Always the whole window, so that the line grows from the right and does not stretch.
        x: { time: false, range: (_plot, _least, most) => [(most ?? POINTS) - POINTS + 1, most ?? POINTS] },
        y: { range: (_plot, _least, most) => [0, Math.max(most ?? 0, 1e-9) * 1.08] },
      },
      cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
      series: [
        {},
        {
          stroke: () => cssColour('--accent'),
          fill: () => cssColour('--accent', 0.14),
          width: 1.5,
          points: { show: false },
        },
      ],
      hooks: { setCursor: [(plot) => onHover(plot.cursor.idx ?? null)] },
    };
    this.plot = new uPlot(options, [[], []], container);
    new ResizeObserver(() => {
      this.plot.setSize({ width: Math.max(1, container.clientWidth), height: Math.max(1, container.clientHeight) });
    }).observe(container);
    onTheme(() => this.plot.redraw());
  }

  show(history: History): void {
    this.plot.setData([history.times, history.values]);
  }
}
