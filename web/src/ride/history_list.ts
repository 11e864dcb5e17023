// The rides that this rider took before, page by page.

import { asProblem } from '../api/problem.ts';
import { ridesOf } from '../api/rides.ts';
import type { Ride } from '../api/types.ts';
import { cityDateText, distanceText, moneyText, stateText } from '../journey/words.ts';
import { hideNotice, showProblem } from '../journey/problem_notice.ts';
import { element, setText } from '../shell/shell.ts';
import { storyPath } from '../journey/story_path.ts';

const PAGE = 5;

export class HistoryList {
  private readonly rider: number;
  private readonly list = element('history-list');
  private readonly text = element('history-text');
  private readonly more = element<HTMLButtonElement>('history-more');
  private readonly problem = element('history-problem');
  private cursor: string | null = null;
  private generation = 0;

  constructor(rider: number) {
    this.rider = rider;
    this.more.addEventListener('click', () => void this.load());
    element('history-reload').addEventListener('click', () => this.reload());
  }

  /** Begins at the newest ride again. */
  reload(): void {
    this.cursor = null;
    this.generation += 1;
    void this.load();
  }

  private async load(): Promise<void> {
    const { cursor, generation } = this;
    this.more.disabled = true;
    if (this.list.childElementCount === 0) {
      this.say('Loading…');
    }
    try {
      const page = await ridesOf(this.rider, cursor, PAGE);
      if (generation === this.generation) {
        this.show(page.rides, cursor !== null);
        this.cursor = page.next_cursor;
        this.more.hidden = page.next_cursor === null;
      }
    } catch (error) {
      if (generation === this.generation) {
        this.say('');
        showProblem(this.problem, asProblem(error), { label: 'Try again', run: () => void this.load() });
      }
    } finally {
      this.more.disabled = false;
    }
  }

  private show(rides: Ride[], isMore: boolean): void {
    hideNotice(this.problem);
    const items = rides.map(item);
    if (isMore) {
      this.list.append(...items);
      // Who pressed the button goes on reading where the new ones begin.
      items[0]?.querySelector('a')?.focus();
    } else {
      this.list.replaceChildren(...items);
    }
    this.say(this.list.childElementCount === 0 ? 'None yet. A ride stands here soon after it has ended.' : '');
  }

  private say(text: string): void {
    setText(this.text, text);
    this.text.hidden = text === '';
  }
}

function item(ride: Ride): HTMLLIElement {
  const li = document.createElement('li');
  li.dataset['testid'] = 'history-ride';
  li.dataset['state'] = ride.state;
  const link = document.createElement('a');
  link.href = storyPath(ride.id);
  link.className = 'rides__when';
  link.textContent = cityDateText(ride.requested_at_ms);
  link.title = 'Every event of this ride';
  const how = document.createElement('span');
  how.className = 'rides__how';
  const distance = ride.fare ? ` · ${distanceText(ride.fare.distance_m)}` : '';
  how.textContent = stateText(ride.state) + distance;
  const price = document.createElement('span');
  price.className = 'rides__price';
  price.textContent = ride.fare ? moneyText(ride.fare.total) : '–';
  li.append(link, how, price);
  return li;
}
