// Before the ride: two places, their price, and the request.

import { asProblem } from '../api/problem.ts';
import { askForRide } from '../api/rides.ts';
import type { Place, Quote, Ride } from '../api/types.ts';
import { randomPlaces } from '../journey/city_places.ts';
import { keep, readKept } from '../journey/kept.ts';
import { hideNotice, showProblem } from '../journey/problem_notice.ts';
import { element, setText } from '../shell/shell.ts';
import { askFor, isFresh, newKey } from './ask.ts';
import type { Ask } from './ask.ts';
import { NOTHING_CHOSEN, aim, choose, chosenEnds, hint, surprise } from './choice.ts';
import type { Choice, End } from './choice.ts';
import { PlaceFields } from './place_fields.ts';
import { QuoteCard } from './quote_card.ts';

const KEPT = 'hailstorm.ask';
/** Enough junctions for a pair at a pleasant distance. */
const CANDIDATES = 60;

export interface ChoosingTold {
  changed: (choice: Choice, quote: Quote | null) => void;
  asked: (ride: Ride) => void;
}

export class Choosing {
  private readonly rider: number;
  private readonly told: ChoosingTold;
  private readonly fields: PlaceFields;
  private readonly quotes: QuoteCard;
  private readonly sections = [element('choose'), element('quote')];
  private choice: Choice = NOTHING_CHOSEN;
  private ask: Ask | null = readKept<Ask>(sessionStorage, KEPT);

  constructor(rider: number, serverNow: () => number, told: ChoosingTold) {
    this.rider = rider;
    this.told = told;
    this.fields = new PlaceFields({
      chosen: (end, place) => this.choose(end, place),
      aimed: (end) => this.say(aim(this.choice, end)),
    });
    this.quotes = new QuoteCard(
      serverNow,
      (quote) => this.told.changed(this.choice, quote),
      () => void this.send(),
    );
    element('surprise').addEventListener('click', () => void this.surprise());
    element('clear').addEventListener('click', () => this.clear());
    this.become(this.choice);
    this.resumeAsk();
  }

  get isOpen(): boolean {
    return !this.sections[0]?.hidden;
  }

  /** The map was clicked. */
  clicked(place: Place): void {
    this.choose(this.choice.next, place);
  }

  setOpen(isOpen: boolean): void {
    for (const section of this.sections) {
      section.hidden = !isOpen;
    }
  }

  /** Begins anew. */
  clear(): void {
    this.become(NOTHING_CHOSEN);
    this.quotes.priceOf(null);
    element('choose-title').focus();
  }

  private choose(end: End, place: Place | null): void {
    const before = this.choice[end];
    const isSame = before?.lat === place?.lat && before?.lon === place?.lon;
    if (isSame) {
      this.say(this.choice);
      return;
    }
    this.become(choose(this.choice, end, place));
    this.quotes.priceOf(chosenEnds(this.choice));
  }

  /** Other places: the price of the former ones means nothing any more. */
  private become(choice: Choice): void {
    this.say(choice);
    hideNotice(element('choose-problem'));
    this.told.changed(choice, null);
  }

  private say(choice: Choice): void {
    this.choice = choice;
    this.fields.show(choice);
    setText(element('hint'), hint(choice));
  }

  private async surprise(): Promise<void> {
    const button = element<HTMLButtonElement>('surprise');
    button.disabled = true;
    try {
      const ends = surprise(await randomPlaces(CANDIDATES), Math.random);
      if (ends) {
        this.become({ ...ends, next: 'dropoff' });
        this.quotes.priceOf(ends);
      }
    } catch (error) {
      showProblem(element('choose-problem'), error, { label: 'Try again', run: () => void this.surprise() });
    } finally {
      button.disabled = false;
    }
  }

  /** Sends the wish; the same places keep their key until the city has answered. */
  private async send(): Promise<void> {
    const ends = chosenEnds(this.choice);
    if (!ends) {
      return;
    }
    this.ask = askFor({ rider: this.rider, ...ends }, this.ask, newKey, Date.now());
    keep(sessionStorage, KEPT, this.ask);
    this.quotes.setAsking(true);
    try {
      const ride = await askForRide(this.ask.wish, this.ask.key);
      this.forgetAsk();
      this.quotes.setAsking(false);
      this.told.asked(ride);
    } catch (error) {
      // Only a refusal is an answer; anything else may have reached the city, so the key stays.
      if (!asProblem(error).isPassing) {
        this.forgetAsk();
      }
      this.quotes.askFailed(error);
    }
  }

  /** A reload came between the request and its answer: ask the same again. */
  private resumeAsk(): void {
    if (!this.ask || !isFresh(this.ask, Date.now()) || this.ask.wish.rider !== this.rider) {
      this.forgetAsk();
      return;
    }
    const { pickup, dropoff } = this.ask.wish;
    this.become({ pickup, dropoff, next: 'dropoff' });
    this.quotes.priceOf({ pickup, dropoff });
    void this.send();
  }

  private forgetAsk(): void {
    this.ask = null;
    keep(sessionStorage, KEPT, null);
  }
}
