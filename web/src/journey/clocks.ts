// The clocks of the city, asked for until the gateway tells them.

import { OWN_TIME, askClocks } from '../api/city_clock.ts';
import type { Clocks } from '../api/city_clock.ts';
import type { Shell } from '../shell/shell.ts';

const AGAIN_MS = 4_000;

export interface CityTime {
  /** The newest clocks that are known. */
  now: () => Clocks;
  /** Asks again: another run of the city may have another clock. */
  renew: () => void;
}

/** Shows the clocks in the top bar as soon as they are known. */
export function keepClocks(shell: Shell): CityTime {
  let clocks = OWN_TIME;
  const ask = (): void => {
    askClocks().then(
      (told) => {
        clocks = told;
        shell.setClock(told.city, told.aheadMs);
      },
      () => setTimeout(ask, AGAIN_MS),
    );
  };
  ask();
  return { now: () => clocks, renew: ask };
}
