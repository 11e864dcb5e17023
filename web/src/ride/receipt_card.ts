// How a ride ended: the bill, or why there is none.

import type { Fare } from '../api/types.ts';
import { distanceText, durationText } from '../journey/words.ts';
import { element, setText } from '../shell/shell.ts';
import { billOf } from './bill.ts';
import { endText } from './live_ride.ts';
import type { LiveRide } from './live_ride.ts';
import { storyPath } from '../journey/story_path.ts';

export class ReceiptCard {
  readonly section = element('receipt');
  private readonly title = element('receipt-title');
  private readonly bill = element('receipt-bill');

  constructor(onAgain: () => void) {
    element('again').addEventListener('click', onAgain);
  }

  show(live: LiveRide): void {
    const { ride } = live;
    this.section.dataset['state'] = ride.state;
    this.section.dataset['ride'] = ride.id;
    element<HTMLAnchorElement>('story').href = storyPath(ride.id);
    const isCompleted = ride.state === 'completed';
    setText(this.title, isCompleted ? 'You have arrived' : ride.state === 'cancelled' ? 'Ride cancelled' : 'No driver found');
    setText(element('receipt-text'), isCompleted ? arrivalText(ride.fare) : `${endText(live)} Nothing is charged.`);
    this.bill.hidden = !ride.fare;
    this.bill.replaceChildren(...(ride.fare ? rows(ride.fare, ride.surge) : []));
  }

  focus(): void {
    this.title.focus();
  }
}

function arrivalText(fare: Fare | null): string {
  return fare ? `${distanceText(fare.distance_m)} in ${durationText(fare.duration_s)}.` : 'The fare is being calculated…';
}

function rows(fare: Fare, surge: number): HTMLElement[] {
  return billOf(fare, surge).flatMap(({ label, amount, kind }) => {
    const name = document.createElement('dt');
    name.textContent = label;
    const value = document.createElement('dd');
    value.textContent = amount;
    value.dataset['testid'] = `receipt-${kind}`;
    name.dataset['kind'] = kind;
    value.dataset['kind'] = kind;
    return [name, value];
  });
}
