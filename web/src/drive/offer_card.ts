// The card with an offer: how far, how long, and the seconds left to answer.

import { route } from '../api/rides.ts';
import type { Place, Route } from '../api/types.ts';
import { leftOf } from '../journey/countdown.ts';
import { hideNotice } from '../journey/problem_notice.ts';
import { distanceText, durationText } from '../journey/words.ts';
import { element, setText } from '../shell/shell.ts';
import type { Offer } from './duty.ts';

export type Answer = 'accept' | 'decline';

const TITLE = document.title;

export class OfferCard {
  private readonly section = element('offer');
  private readonly ring = document.getElementById('offer-ring');
  private readonly buttons: Record<Answer, HTMLButtonElement> = {
    accept: element<HTMLButtonElement>('accept'),
    decline: element<HTMLButtonElement>('decline'),
  };
  private readonly onRoute: (points: Route['points']) => void;
  private offer: Offer | null = null;
  private answered: Answer | null = null;

  constructor(onAnswer: (answer: Answer) => void, onRoute: (points: Route['points']) => void) {
    this.onRoute = onRoute;
    this.buttons.accept.addEventListener('click', () => onAnswer('accept'));
    this.buttons.decline.addEventListener('click', () => onAnswer('decline'));
    document.addEventListener('keydown', (event) => {
      const answer = answerOf(event);
      if (answer && this.offer && !this.answered && !isTyping(event.target)) {
        event.preventDefault();
        onAnswer(answer);
      }
    });
  }

  /** Shows an offer, or none. `here` is where the car is. */
  show(offer: Offer | null, here: Place | null): void {
    const isNew = offer !== null && (offer.trip !== this.offer?.trip || offer.attempt !== this.offer.attempt);
    this.offer = offer;
    this.section.hidden = offer === null;
    document.title = offer ? `Offer! ${TITLE}` : TITLE;
    if (!isNew) {
      return;
    }
    this.setAnswered(null);
    hideNotice(element('offer-problem'));
    this.section.dataset['trip'] = offer.trip;
    setText(element('offer-text'), offer.attempt > 1 ? 'Others were asked before you.' : 'You are the first to be asked.');
    for (const id of ['offer-way', 'offer-ride', 'offer-time']) {
      setText(element(id), '–');
    }
    if (here) {
      void this.measure(offer, here);
    }
  }

  /** Which answer is on its way; null when there is none, or it did not get through. */
  setAnswered(answer: Answer | null): void {
    this.answered = answer;
    for (const [name, button] of Object.entries(this.buttons)) {
      button.disabled = answer !== null;
      button.classList.toggle('is-chosen', name === answer);
    }
  }

  tick(nowMs: number): void {
    if (!this.offer) {
      return;
    }
    const left = leftOf(this.offer.endsMs, this.offer.wholeMs, nowMs);
    setText(element('offer-seconds'), String(left.seconds));
    this.ring?.style.setProperty('stroke-dashoffset', String(1 - left.share));
    this.section.toggleAttribute('data-urgent', left.seconds <= 5);
  }

  /** Looks up both ways; an offer can be answered without them. */
  private async measure(offer: Offer, here: Place): Promise<void> {
    const ways = await Promise.all([route(here, offer.pickup), route(offer.pickup, offer.dropoff)]).catch(() => null);
    if (!ways || this.offer?.trip !== offer.trip) {
      return;
    }
    const [toPickup, ride] = ways;
    setText(element('offer-way'), distanceText(toPickup.distance_m));
    setText(element('offer-ride'), distanceText(ride.distance_m));
    setText(element('offer-time'), durationText(toPickup.duration_s + ride.duration_s));
    this.onRoute([...toPickup.points, ...ride.points]);
  }
}

function answerOf(event: KeyboardEvent): Answer | null {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) {
    return null;
  }
  const key = event.key.toLowerCase();
  return key === 'a' ? 'accept' : key === 'd' ? 'decline' : null;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement ? target.type !== 'radio' : target instanceof HTMLSelectElement;
}
