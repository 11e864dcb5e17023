// The top bar of every page once scripts run: the city's clock, the state of the connection, the theme.

import { bindThemeToggle } from './theme.ts';

/** `idle` shows nothing: a page without a live connection. */
export type ConnectionState = 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'failed';

/** A straight line between real and city time. */
export interface CityClockLine {
  real_ms: number;
  city_ms: number;
  /** City milliseconds per real millisecond. */
  speed: number;
}

export interface Shell {
  /** Shows this clock from now on; `aheadMs` is the server's real time minus this machine's. */
  setClock(clock: CityClockLine, aheadMs?: number): void;
  setConnection(state: ConnectionState, detail?: string): void;
}

const WORDS: Record<ConnectionState, string> = {
  idle: '',
  connecting: 'connecting',
  connected: 'live',
  reconnecting: 'reconnecting',
  failed: 'not connected',
};

/** Brings the top bar to life; call once a page. */
export function startShell(): Shell {
  const time = element('clock');
  const speed = element('clock-speed');
  const connection = element('connection');
  bindThemeToggle(element('theme'));

  let line: CityClockLine | null = null;
  let ahead = 0;
  const show = (): void => {
    if (line === null) return;
    const at = new Date(line.city_ms + (Date.now() + ahead - line.real_ms) * line.speed);
    setText(time, at.toISOString().slice(11, 19));
  };
  setInterval(show, 250);

  return {
    setClock(clock, aheadMs = 0) {
      line = clock;
      ahead = aheadMs;
      setText(speed, `${Number(clock.speed.toFixed(1))}×`);
      speed.title = clock.speed === 1 ? 'Real time' : `${clock.speed} times as fast as real time`;
      show();
    },
    setConnection(state, detail = '') {
      if (connection.dataset.state === state && connection.title === detail) return;
      connection.dataset.state = state;
      connection.title = detail;
      setText(connection, WORDS[state]);
    },
  };
}

/** The element with an id; the page is wrong without it. */
export function element<E extends HTMLElement = HTMLElement>(id: string): E {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no element #${id}`);
  return found as E;
}

/** Sets a text only if it differs, so that the browser has nothing to lay out anew. */
export function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}
