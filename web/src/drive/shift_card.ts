// The card of the shift: who drives and from where before it, and how it goes during it.

import type { DriverStep, Place } from '../api/types.ts';
import { parseId } from '../journey/own_id.ts';
import { distanceText, durationText, parsePlace, placeText } from '../journey/words.ts';
import { element, setText } from '../shell/shell.ts';
import { stepText, stepsByHand } from './autopilot.ts';
import type { Car } from './car.ts';
import { hintText, isOnShift, statusText } from './duty.ts';
import type { Duty } from './duty.ts';

export interface ShiftTold {
  driver: (id: number) => void;
  newDriver: () => void;
  place: (place: Place) => void;
  anywhere: () => void;
  start: () => void;
  end: () => void;
  auto: (isAuto: boolean) => void;
  multiple: (multiple: number) => void;
  step: (step: DriverStep) => void;
}

const PLACE_HINT = 'Click the map, or type a place.';

export class ShiftCard {
  private readonly section = element('shift');
  private readonly id = element<HTMLInputElement>('driver-id');
  private readonly place = element<HTMLInputElement>('place');
  private readonly start = element<HTMLButtonElement>('start-shift');
  private readonly end = element<HTMLButtonElement>('end-shift');
  private readonly steps = element('steps');
  private readonly told: ShiftTold;
  private hasPlace = false;
  private shownSteps = '';

  constructor(told: ShiftTold) {
    this.told = told;
    this.id.addEventListener('change', () => this.readId());
    this.place.addEventListener('change', () => this.readPlace());
    element('new-driver').addEventListener('click', told.newDriver);
    element('random-place').addEventListener('click', told.anywhere);
    this.end.addEventListener('click', told.end);
    element('before').addEventListener('submit', (event) => {
      event.preventDefault();
      if (!this.start.disabled) {
        told.start();
      }
    });
    element('shift').addEventListener('change', (event) => this.controlChanged(event.target));
  }

  show(duty: Duty, isAuto: boolean): void {
    const isOn = isOnShift(duty);
    const hadFocus = this.section.contains(document.activeElement) && isOn === element('during').hidden;
    this.section.dataset['status'] = duty.status ?? 'unknown';
    setText(element('status'), statusText(duty.status));
    setText(element('note'), hintText(duty));
    element('before').hidden = isOn;
    element('during').hidden = !isOn;
    this.end.hidden = !isOn;
    setText(element('mode-hint'), isAuto ? 'The car does every step itself.' : 'Click the map to drive there.');
    this.start.disabled = duty.status === null || !this.hasPlace;
    this.showSteps(isAuto ? stepsByHand(duty).filter((step) => step === 'cancel') : stepsByHand(duty));
    if (hadFocus) {
      element('status').focus();
    }
  }

  /** What changes while driving. */
  tick(car: Car, duty: Duty): void {
    const isDriving = car.isMoving;
    setText(element('trip-rest'), isDriving ? distanceText(car.restM) : '–');
    setText(element('trip-eta'), isDriving ? durationText(car.restS) : '–');
    const metres = duty.status === 'on_trip' ? car.metresWithRider : null;
    setText(element('trip-odometer'), metres === null ? '–' : distanceText(metres));
  }

  showDriver(id: number): void {
    this.id.value = String(id);
    this.mark(this.id, 'driver-id-hint', '');
  }

  showPlace(place: Place | null): void {
    this.hasPlace = place !== null;
    this.place.value = place ? placeText(place) : '';
    this.mark(this.place, 'place-hint', '', PLACE_HINT);
  }

  /** A change of shift is on its way. */
  setChanging(change: 'start' | 'end' | null): void {
    this.start.toggleAttribute('aria-busy', change === 'start');
    this.start.disabled = change !== null || !this.hasPlace;
    this.end.disabled = change !== null;
    setText(this.start, change === 'start' ? 'Going on shift…' : 'Go on shift');
    setText(this.end, change === 'end' ? 'Ending…' : 'End shift');
  }

  /** A step is on its way. */
  setSaying(step: DriverStep | null): void {
    for (const button of this.steps.querySelectorAll('button')) {
      button.disabled = step !== null;
    }
  }

  private showSteps(steps: DriverStep[]): void {
    const text = steps.join(' ');
    if (text === this.shownSteps) {
      return;
    }
    this.shownSteps = text;
    this.steps.replaceChildren(...steps.map((step) => this.stepButton(step)));
  }

  private stepButton(step: DriverStep): HTMLButtonElement {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = step === 'cancel' ? 'button button--danger' : 'button button--primary button--grow';
    button.dataset['testid'] = `step-${step}`;
    button.textContent = stepText(step);
    button.addEventListener('click', () => this.told.step(step));
    return button;
  }

  private controlChanged(control: EventTarget | null): void {
    if (control instanceof HTMLInputElement && control.name === 'mode') {
      this.told.auto(control.value === 'auto');
    } else if (control instanceof HTMLSelectElement) {
      this.told.multiple(Number(control.value));
    }
  }

  private readId(): void {
    const id = parseId(this.id.value);
    this.mark(this.id, 'driver-id-hint', id === null ? 'A number from 9000000 to 9999999.' : '');
    if (id !== null) {
      this.told.driver(id);
    }
  }

  private readPlace(): void {
    const place = parsePlace(this.place.value);
    const why = place ? '' : 'Two numbers are needed: latitude and longitude.';
    this.mark(this.place, 'place-hint', why, PLACE_HINT);
    if (place) {
      this.told.place(place);
    }
  }

  private mark(input: HTMLInputElement, hint: string, why: string, usual = ''): void {
    input.setAttribute('aria-invalid', String(why !== ''));
    input.closest('.field')?.toggleAttribute('data-invalid', why !== '');
    setText(element(hint), why || usual);
  }
}
