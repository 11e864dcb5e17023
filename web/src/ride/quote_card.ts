// The card with the price: empty, loading, good for a while, expired, or failed.

import { quote as fetchQuote } from '../api/rides.ts';
import { wasAborted } from '../api/http.ts';
import type { Place, Quote } from '../api/types.ts';
import { clockText, leftOf } from '../journey/countdown.ts';
import { hideNotice, showProblem } from '../journey/problem_notice.ts';
import { distanceText, durationText, moneyText, surgeText } from '../journey/words.ts';
import { element, setText } from '../shell/shell.ts';

type Stage = 'empty' | 'loading' | 'ready' | 'expired' | 'failed';

/** What the gateway promises; only the bar needs it. */
const VALID_MS = 120_000;
/** The bar moves as smoothly as it needs to. */
const TICK_MS = 250;

export class QuoteCard {
  private readonly card = element('quote');
  private readonly body = element('quote-body');
  private readonly ask = element<HTMLButtonElement>('ask');
  private readonly requote = element<HTMLButtonElement>('requote');
  private readonly problem = element('quote-problem');
  private readonly serverNow: () => number;
  private readonly onQuote: (quote: Quote | null) => void;
  private ends: { pickup: Place; dropoff: Place } | null = null;
  private quote: Quote | null = null;
  private running: AbortController | null = null;
  private isAsking = false;

  constructor(serverNow: () => number, onQuote: (quote: Quote | null) => void, onAsk: () => void) {
    this.serverNow = serverNow;
    this.onQuote = onQuote;
    this.ask.addEventListener('click', onAsk);
    this.requote.addEventListener('click', () => void this.load());
    setInterval(() => this.tick(), TICK_MS);
  }

  /** Gets the price between two places; null empties the card. */
  priceOf(ends: { pickup: Place; dropoff: Place } | null): void {
    this.running?.abort();
    this.ends = ends;
    this.quote = null;
    hideNotice(this.problem);
    if (ends) {
      void this.load();
    } else {
      this.show('empty');
      this.onQuote(null);
    }
  }

  /** The ride is being asked for: no second press. */
  setAsking(isAsking: boolean): void {
    this.isAsking = isAsking;
    setText(this.ask, isAsking ? 'Asking…' : 'Ask for this ride');
    this.ask.disabled = isAsking || this.quote === null;
  }

  /** The request failed; the same button asks again. */
  askFailed(error: unknown): void {
    this.setAsking(false);
    setText(this.ask, 'Ask again');
    showProblem(this.problem, error);
  }

  private async load(): Promise<void> {
    if (!this.ends) {
      return;
    }
    this.running?.abort();
    const running = new AbortController();
    this.running = running;
    const hadFocus = document.activeElement === this.requote;
    hideNotice(this.problem);
    this.show('loading');
    try {
      this.quote = await fetchQuote(this.ends.pickup, this.ends.dropoff, running.signal);
    } catch (error) {
      if (!wasAborted(error) && !running.signal.aborted) {
        this.show('failed');
        showProblem(this.problem, error, { label: 'Try again', run: () => void this.load() });
        this.onQuote(null);
      }
      return;
    }
    this.fill(this.quote);
    this.show('ready');
    this.setAsking(false);
    this.tick();
    this.onQuote(this.quote);
    if (hadFocus) {
      this.ask.focus();
    }
  }

  private fill(quote: Quote): void {
    setText(element('quote-price'), moneyText(quote.price));
    const surge = element('quote-surge');
    surge.hidden = quote.surge <= 100;
    setText(surge, `${surgeText(quote.surge)} surge`);
    surge.title = 'More riders than drivers near the pickup';
    setText(element('quote-pickup-eta'), quote.pickup_eta_s === null ? 'none free' : durationText(quote.pickup_eta_s));
    setText(element('quote-duration'), durationText(quote.duration_s));
    setText(element('quote-distance'), distanceText(quote.distance_m));
  }

  private tick(): void {
    if (!this.quote || this.card.hidden) {
      return;
    }
    const left = leftOf(this.quote.valid_until_ms, VALID_MS, this.serverNow());
    element('quote-rest').style.transform = `scaleX(${left.share})`;
    setText(element('quote-validity'), left.isOver ? 'This price has expired.' : `Price good for ${clockText(left.seconds)}`);
    const isOver = left.isOver && !this.isAsking;
    if (isOver !== (this.card.dataset['state'] === 'expired')) {
      const hadFocus = document.activeElement === this.ask;
      this.show(isOver ? 'expired' : 'ready');
      if (isOver && hadFocus) {
        this.requote.focus();
      }
    }
  }

  private show(stage: Stage): void {
    this.card.dataset['state'] = stage;
    const hasNumbers = stage === 'ready' || stage === 'expired';
    this.body.hidden = !hasNumbers && stage !== 'loading';
    this.body.classList.toggle('is-loading', stage === 'loading');
    element('quote-empty').hidden = stage !== 'empty';
    this.ask.hidden = stage === 'expired';
    this.ask.disabled = stage !== 'ready' || this.isAsking;
    this.requote.hidden = stage !== 'expired';
  }
}
