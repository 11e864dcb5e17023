// Consumer groups: how many members each has, how much it reads, how far it lags.

import type { Figures, Group } from '../live/messages.ts';
import { lagText, rateText } from './numbers.ts';

/** From here on lag is worth a look, and from here on it is trouble, seconds. */
const SOME_LAG_S = 2;
const MUCH_LAG_S = 10;
/** Rows that are kept free before any group is known. */
const USUAL_GROUPS = 8;

export class GroupsBlock {
  readonly node = document.createElement('section');
  private readonly body: HTMLElement;

  constructor() {
    this.node.className = 'block';
    this.node.innerHTML =
      '<div class="block__head"><h2 class="block__title">Consumer groups</h2></div><table class="groups" data-testid="groups">' +
      '<thead><tr><th scope="col">Group</th><th scope="col">Members</th><th scope="col">Records/s</th><th scope="col">Lag</th></tr></thead><tbody></tbody></table>';
    this.body = this.node.querySelector('tbody')!;
    this.body.innerHTML = '<tr><td colspan="4">&nbsp;</td></tr>'.repeat(USUAL_GROUPS);
  }

  show({ groups }: Figures): void {
    if (groups.length === 0) {
      this.body.replaceChildren(row(['no figures from the services', '', '', '']));
      return;
    }
    this.body.replaceChildren(...groups.map(groupRow));
  }
}

function groupRow({ name, members, lag_s, records_per_s }: Group): HTMLElement {
  const node = row([name, String(members), rateText(records_per_s), lagText(lag_s)]);
  node.dataset.lag = lag_s >= MUCH_LAG_S ? 'much' : lag_s >= SOME_LAG_S ? 'some' : 'none';
  node.dataset.testid = `group-${name}`;
  return node;
}

function row(cells: string[]): HTMLElement {
  const node = document.createElement('tr');
  for (const text of cells) {
    const cell = document.createElement('td');
    cell.textContent = text;
    node.append(cell);
  }
  return node;
}
