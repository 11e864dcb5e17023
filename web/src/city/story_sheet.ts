// The drawer with the story of a driver or a trip: what is so now, and every event that led there.

import { wasAborted } from '../api/http.ts';
import { asProblem } from '../api/problem.ts';
import type { Place } from '../api/types.ts';
import { say, sayFailure, sayNothing } from '../shell/notice.ts';
import { element, setText } from '../shell/shell.ts';
import { driverStory, rideStory } from './story_api.ts';
import type { Story, StoryEvent } from './story_api.ts';
import { factsOf } from './story_facts.ts';
import type { Facts } from './story_facts.ts';
import { storyLine } from './story_lines.ts';
import type { Picked } from './picker.ts';

/** The archive writes in batches, so a story grows a few seconds behind the map. */
const RELOAD_MS = 4000;

export interface SheetCalls {
  /** The sheet shows this from now on; null when it was closed. */
  changed(picked: Picked | null): void;
  /** Brings it into view on the map; `place` is where it is if the map does not know. */
  goTo(picked: Picked, place: Place | null): void;
}

export class StorySheet {
  private readonly calls: SheetCalls;
  private readonly sheet = element('sheet');
  private readonly body = element('sheet-body');
  private readonly parts: { facts: HTMLElement; actions: HTMLElement; trace: HTMLAnchorElement; notice: HTMLElement; timeline: HTMLElement };
  private picked: Picked | null = null;
  private before: HTMLElement | null = null;
  private loading = new AbortController();
  private timer = 0;
  private told = -1;
  private goes = false;

  constructor(calls: SheetCalls) {
    this.calls = calls;
    this.body.innerHTML =
      '<dl class="facts" data-testid="story-facts"></dl><div class="sheet__actions"></div><a class="button" target="_blank" rel="noopener" data-testid="story-trace" hidden>Trace</a><div role="status"></div><ol class="timeline" data-testid="story"></ol>';
    const [facts, actions, trace, notice, timeline] = this.body.children as unknown as HTMLElement[];
    this.parts = { facts: facts!, actions: actions!, trace: trace as HTMLAnchorElement, notice: notice!, timeline: timeline! };
    element('sheet-close').addEventListener('click', () => this.close());
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.close();
    });
  }

  /** Shows a story; `goes` brings its subject into view as soon as it is known where that is. */
  open(picked: Picked, goes = false): void {
    if (this.picked === null) this.before = document.activeElement as HTMLElement | null;
    this.picked = picked;
    this.told = -1;
    this.goes = goes;
    setText(element('sheet-title'), picked.kind === 'driver' ? `Driver ${picked.id}` : 'Trip');
    setText(element('sheet-sub'), picked.kind === 'driver' ? '' : picked.id);
    this.parts.facts.replaceChildren();
    this.parts.actions.replaceChildren();
    this.parts.trace.hidden = true;
    this.parts.timeline.replaceChildren();
    say(this.parts.notice, 'Loading the story…');
    this.sheet.hidden = false;
    element('sheet-title').focus();
    this.calls.changed(picked);
    this.load();
  }

  close(): void {
    if (this.picked === null) return;
    this.picked = null;
    this.stop();
    this.sheet.hidden = true;
    this.before?.focus();
    this.calls.changed(null);
  }

  private stop(): void {
    this.loading.abort();
    this.loading = new AbortController();
    window.clearTimeout(this.timer);
  }

  private load(): void {
    const { picked } = this;
    if (picked === null) return;
    this.stop();
    const { signal } = this.loading;
    const facts = factsOf(picked, signal).then((known) => {
      this.showFacts(known, picked);
      return known.isOver;
    });
    const story = (picked.kind === 'driver' ? driverStory : rideStory)(picked.id, signal).then((told) => this.showStory(told, picked));
    void Promise.allSettled([facts, story]).then((results) => this.loaded(results, signal));
  }

  /** Says what went wrong, and comes back later unless everything has been told. */
  private loaded([facts, story]: PromiseSettledResult<unknown>[], signal: AbortSignal): void {
    if (signal.aborted) return;
    const failure = [facts, story].find((result) => result?.status === 'rejected');
    if (failure?.status === 'rejected' && !wasAborted(failure.reason)) {
      sayFailure(this.parts.notice, failure.reason, () => this.load());
    } else if (this.told === 0) {
      say(this.parts.notice, 'Nothing is archived yet. Events appear a few seconds after they happen.');
    } else {
      sayNothing(this.parts.notice);
    }
    const isOver = facts?.status === 'fulfilled' && facts.value === true;
    if (facts?.status === 'rejected' && asProblem(facts.reason).problem.status === 404) return;
    if (!isOver || this.told === 0) this.timer = window.setTimeout(() => this.load(), RELOAD_MS);
  }

  private showFacts({ rows, related, place }: Facts, picked: Picked): void {
    if (this.goes) this.calls.goTo(picked, place);
    this.goes = false;
    this.parts.facts.replaceChildren(
      ...rows.flatMap(([name, value]) => {
        const term = document.createElement('dt');
        term.textContent = name;
        const text = document.createElement('dd');
        text.textContent = value;
        return [term, text];
      }),
    );
    const buttons = [button('Show on the map', () => this.calls.goTo(picked, place))];
    if (related !== null) {
      const name = related.kind === 'driver' ? `Story of driver ${related.id}` : 'Story of the trip';
      buttons.push(button(name, () => this.open(related)));
    }
    // Replaced only when they differ, so that whoever has the focus keeps it.
    const have = [...this.parts.actions.children].map((node) => node.textContent).join();
    if (have !== buttons.map((node) => node.textContent).join()) this.parts.actions.replaceChildren(...buttons);
  }

  private showStory({ events, trace_url: trace }: Story, { kind }: Picked): void {
    this.parts.trace.hidden = trace === undefined;
    if (trace !== undefined) this.parts.trace.href = trace;
    if (events.length === this.told) return;
    this.told = events.length;
    this.parts.timeline.replaceChildren(...events.map((event) => eventNode(event, kind === 'driver' ? 'driver' : 'rider')));
  }
}

function eventNode(event: StoryEvent, subject: 'rider' | 'driver'): HTMLElement {
  const { what, when, where, fields, stateClass } = storyLine(event, subject);
  const node = document.createElement('li');
  node.className = `timeline__event ${stateClass}`;
  node.dataset.testid = 'story-event';
  node.innerHTML =
    '<div class="timeline__head"><span class="timeline__what"></span><time class="timeline__when"></time></div>' +
    '<p class="timeline__where"></p><p class="timeline__fields"></p>';
  [what, when, where, fields].forEach((text, place) => {
    node.querySelector(['.timeline__what', '.timeline__when', '.timeline__where', '.timeline__fields'][place]!)!.textContent = text;
  });
  return node;
}

function button(name: string, press: () => void): HTMLElement {
  const node = document.createElement('button');
  node.type = 'button';
  node.className = 'button';
  node.textContent = name;
  node.addEventListener('click', press);
  return node;
}
