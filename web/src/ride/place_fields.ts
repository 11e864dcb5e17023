// The two fields that say a place in numbers, for those who do not click.

import type { Place } from '../api/types.ts';
import { parsePlace, placeText } from '../journey/words.ts';
import { element, setText } from '../shell/shell.ts';
import type { Choice, End } from './choice.ts';

const ENDS: End[] = ['pickup', 'dropoff'];
const WRONG = 'Two numbers are needed: latitude and longitude, such as 37.7749, -122.4194.';

export interface FieldsTold {
  chosen: (end: End, place: Place | null) => void;
  aimed: (end: End) => void;
}

export class PlaceFields {
  private readonly inputs: Record<End, HTMLInputElement>;

  constructor(told: FieldsTold) {
    this.inputs = { pickup: element<HTMLInputElement>('pickup'), dropoff: element<HTMLInputElement>('dropoff') };
    for (const end of ENDS) {
      this.inputs[end].addEventListener('focus', () => told.aimed(end));
      this.inputs[end].addEventListener('change', () => this.read(end, told));
    }
    element<HTMLFormElement>('places').addEventListener('submit', (event) => {
      event.preventDefault();
      for (const end of ENDS) {
        this.read(end, told);
      }
    });
  }

  /** Shows what is chosen; what a person is typing stays. */
  show(choice: Choice): void {
    for (const end of ENDS) {
      const place = choice[end];
      const input = this.inputs[end];
      const typed = parsePlace(input.value);
      const isSame = place !== null && typed !== null && placeText(typed) === placeText(place);
      if (!isSame && !(place === null && this.isWrong(end))) {
        input.value = place ? placeText(place) : '';
        this.mark(end, '');
      }
      input.closest('.stop')?.toggleAttribute('data-next', choice.next === end);
    }
  }

  private read(end: End, told: FieldsTold): void {
    const text = this.inputs[end].value.trim();
    const place = parsePlace(text);
    this.mark(end, text !== '' && !place ? WRONG : '');
    told.chosen(end, place);
  }

  private isWrong(end: End): boolean {
    return this.inputs[end].getAttribute('aria-invalid') === 'true';
  }

  private mark(end: End, why: string): void {
    this.inputs[end].setAttribute('aria-invalid', String(why !== ''));
    this.inputs[end].closest('.field')?.toggleAttribute('data-invalid', why !== '');
    setText(element(`${end}-hint`), why);
  }
}
