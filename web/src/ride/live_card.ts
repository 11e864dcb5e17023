// The card of a ride under way: where it stands, who comes, how long, how much.

import { cityTimeText, distanceText, durationText, moneyText, stateText } from '../journey/words.ts';
import { element, setText } from '../shell/shell.ts';
import { etaLeftS, isOver, stepsOf } from './live_ride.ts';
import type { LiveRide, Step } from './live_ride.ts';

/** A rider on board cannot cancel. */
const CANCELLABLE = new Set(['requested', 'offered', 'matched', 'arrived']);

const STEP_NAMES: Record<Step['state'], string> = {
  requested: 'Asked for',
  offered: 'Driver asked',
  matched: 'Driver on the way',
  arrived: 'Driver at the pickup',
  started: 'Rider on board',
  completed: 'Arrived',
  cancelled: 'Cancelled',
  unfulfilled: 'No driver found',
};

export class LiveCard {
  readonly section = element('live');
  private readonly title = element('live-title');
  private readonly cancel = element<HTMLButtonElement>('cancel');
  private shown = '';
  private isCancelling = false;

  constructor(onCancel: () => void) {
    this.cancel.addEventListener('click', onCancel);
  }

  show(live: LiveRide): void {
    const { ride } = live;
    this.section.dataset['state'] = ride.state;
    this.section.dataset['ride'] = ride.id;
    setText(this.title, stateText(ride.state));
    setText(element('live-driver'), driverText(live));
    setText(element('live-eta-label'), ride.state === 'started' ? 'There in' : 'Driver here in');
    setText(element('live-meter'), ride.meter ? moneyText(ride.meter.total) : '–');
    this.showCancel(ride.state);
    this.showSteps(stepsOf(live));
  }

  /** What changes with time alone; `cityNowMs` is city time. */
  tick(live: LiveRide, cityNowMs: number): void {
    const eta = etaLeftS(live, cityNowMs);
    setText(element('live-eta'), eta === null ? '–' : durationText(eta));
    setText(element('live-rest'), eta === null || !live.ride.eta ? '–' : distanceText(live.ride.eta.remaining_m));
  }

  /** Before anything is known of the ride. */
  showLoading(): void {
    this.section.dataset['state'] = 'loading';
    delete this.section.dataset['ride'];
    setText(this.title, 'Looking up your ride…');
    setText(element('live-driver'), '');
    element('live-steps').replaceChildren();
    this.shown = '';
    this.showCancel('completed');
  }

  setCancelling(isCancelling: boolean): void {
    this.isCancelling = isCancelling;
    this.cancel.disabled = isCancelling;
    setText(this.cancel, isCancelling ? 'Cancelling…' : 'Cancel the ride');
  }

  focus(): void {
    this.title.focus();
  }

  private showCancel(state: LiveRide['ride']['state']): void {
    // Its place stays, so that nothing below moves.
    this.cancel.style.visibility = CANCELLABLE.has(state) ? '' : 'hidden';
    if (this.isCancelling && isOver(state)) {
      this.setCancelling(false);
    }
  }

  private showSteps(steps: Step[]): void {
    const text = JSON.stringify(steps);
    if (text === this.shown) {
      return;
    }
    this.shown = text;
    element('live-steps').replaceChildren(...steps.map(stepItem));
  }
}

function stepItem({ state, progress, atMs }: Step): HTMLLIElement {
  const item = document.createElement('li');
  item.className = 'steps__step';
  item.dataset['state'] = state;
  item.dataset['progress'] = progress;
  if (progress === 'now') {
    item.setAttribute('aria-current', 'step');
  }
  const name = document.createElement('span');
  name.textContent = STEP_NAMES[state];
  const when = document.createElement('time');
  when.textContent = atMs === null ? '' : cityTimeText(atMs);
  item.append(name, when);
  return item;
}

function driverText({ ride, asked }: LiveRide): string {
  if (ride.driver_id !== null) {
    return `Driver ${ride.driver_id}`;
  }
  if (ride.state === 'offered' && asked > 1) {
    return `${asked} drivers were asked so far.`;
  }
  return ride.state === 'offered' ? 'A driver has 15 s to answer.' : 'The nearest free drivers are compared.';
}
