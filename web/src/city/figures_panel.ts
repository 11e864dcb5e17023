// The figures beside the map.

import type { Figures, Quantiles } from '../live/messages.ts';
import { DriversBlock } from './drivers_block.ts';
import { GroupsBlock } from './groups_block.ts';
import { countText, rateText } from './numbers.ts';
import { Stat } from './stat.ts';
import type { StatWords } from './stat.ts';
import { TotalsBlock } from './totals_block.ts';

/** A figure: what it is called, its value, and the words under it. */
interface Line {
  words: StatWords;
  value: (figures: Figures) => number | null;
  note: (figures: Figures) => string;
}

const median = (quantiles: Quantiles | null): string => (quantiles === null ? '' : `median ${countText(quantiles.p50)} ms`);

const LINES: readonly Line[] = [
  {
    words: { id: 'reports', label: 'Reports', unit: '/s', format: rateText },
    value: ({ rates }) => rates.reports_per_s,
    note: ({ totals }) => `${countText(totals.reports)} in all`,
  },
  {
    words: { id: 'requests', label: 'Requests', unit: '/min', format: rateText },
    value: ({ rates }) => rates.requests_per_min,
    note: ({ totals }) => `${countText(totals.requests)} in all`,
  },
  {
    words: { id: 'waiting', label: 'Riders waiting', unit: '', format: countText },
    value: ({ trips }) => trips.requested + trips.offered,
    note: ({ trips }) => `${countText(trips.offered)} offered`,
  },
  {
    words: { id: 'completed', label: 'Completed', unit: '/min', format: rateText },
    value: ({ rates }) => rates.completed_per_min,
    note: ({ trips }) => `${countText(trips.started)} on the way`,
  },
  {
    words: { id: 'request-to-offer', label: 'Request to offer, p99', unit: 'ms', format: countText },
    value: ({ latency_ms }) => latency_ms.request_to_offer?.p99 ?? null,
    note: ({ latency_ms }) => median(latency_ms.request_to_offer),
  },
  {
    words: { id: 'report-to-map', label: 'Report to map, p99', unit: 'ms', format: countText },
    value: ({ latency_ms }) => latency_ms.report_to_map?.p99 ?? null,
    note: ({ latency_ms }) => median(latency_ms.report_to_map),
  },
  {
    words: { id: 'report-to-redis', label: 'Report to Redis, p99', unit: 'ms', format: countText },
    value: ({ latency_ms }) => latency_ms.report_to_redis?.p99 ?? null,
    note: ({ latency_ms }) => median(latency_ms.report_to_redis),
  },
  {
    words: { id: 'documents-per-operation', label: 'Documents per operation', unit: '', format: rateText },
    value: ({ mongodb }) => mongodb?.documents_per_operation ?? null,
    note: ({ mongodb }) => (mongodb === null ? 'MongoDB' : `MongoDB, ${rateText(mongodb.documents_per_s)}/s`),
  },
];

export class FiguresPanel {
  private readonly container: HTMLElement;
  private readonly drivers = new DriversBlock();
  private readonly stats = LINES.map(({ words }) => new Stat(words));
  private readonly groups = new GroupsBlock();
  private readonly totals = new TotalsBlock();

  constructor(container: HTMLElement) {
    this.container = container;
    const stats = document.createElement('div');
    stats.className = 'stats';
    stats.append(...this.stats.map(({ node }) => node));
    container.replaceChildren(this.drivers.node, stats, this.groups.node, this.totals.node);
  }

  show(figures: Figures): void {
    this.drivers.show(figures);
    const timeS = figures.at_ms / 1000;
    LINES.forEach(({ value, note }, place) => this.stats[place]!.add(timeS, value(figures), note(figures)));
    this.groups.show(figures);
    this.totals.show(figures);
    this.container.dataset.state = 'live';
  }

  /** Whether what is shown is still true. */
  setStale(stale: boolean): void {
    if (this.container.dataset.state !== 'loading') this.container.dataset.state = stale ? 'stale' : 'live';
  }
}
