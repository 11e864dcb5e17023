// The list of what the trips brought.

import type { FareNews } from '../api/events.ts';
import { keep, readKept } from '../journey/kept.ts';
import { storyPath } from '../journey/story_path.ts';
import { distanceText, durationText, moneyText } from '../journey/words.ts';
import { element, setText } from '../shell/shell.ts';
import { earn, earned } from './earnings.ts';

export class EarningsCard {
  private driver = 0;
  private fares: FareNews[] = [];

  /** Shows what this browser knows of a driver. */
  open(driver: number): void {
    this.driver = driver;
    this.fares = readKept<FareNews[]>(localStorage, this.name) ?? [];
    this.show();
  }

  add(fare: FareNews): void {
    this.fares = earn(this.fares, fare);
    keep(localStorage, this.name, this.fares);
    this.show();
  }

  private get name(): string {
    return `hailstorm.earnings.${this.driver}`;
  }

  private show(): void {
    const total = earned(this.fares);
    setText(element('earnings-total'), total ? moneyText(total) : '–');
    element('earnings-text').hidden = total !== null;
    element('earnings-list').replaceChildren(...this.fares.map(item));
  }
}

function item(fare: FareNews): HTMLLIElement {
  const li = document.createElement('li');
  li.dataset['testid'] = 'earning';
  li.dataset['trip'] = fare.trip;
  const way = document.createElement('a');
  way.className = 'rides__when';
  way.href = storyPath(fare.trip);
  way.title = 'Every event of this trip';
  way.textContent = distanceText(fare.distance_m);
  const took = document.createElement('span');
  took.className = 'rides__how';
  took.textContent = durationText(fare.duration_s);
  const price = document.createElement('span');
  price.className = 'rides__price';
  price.textContent = moneyText(fare.total);
  li.append(way, took, price);
  return li;
}
