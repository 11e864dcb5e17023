// Leaving the page while on shift: the end of the shift is offered, not forced.

import { element } from '../shell/shell.ts';

export interface Leaving {
  isOnShift: () => boolean;
  /** Somebody waits or sits in the car: the browser asks, too. */
  isOnTrip: () => boolean;
  endShift: () => Promise<void>;
}

/** Asks before a link of this page is followed. */
export function askBeforeLeaving({ isOnShift, isOnTrip, endShift }: Leaving): void {
  const dialog = element<HTMLDialogElement>('leave-dialog');
  let target = '';
  let isDecided = false;
  const go = (): void => {
    isDecided = true;
    window.location.assign(target);
  };
  document.addEventListener('click', (event) => {
    const link = (event.target as Element | null)?.closest?.('a[href]') as HTMLAnchorElement | null;
    const isElsewhere = event.ctrlKey || event.metaKey || event.shiftKey || link?.target === '_blank';
    if (!link || isElsewhere || link.pathname === window.location.pathname || !isOnShift()) {
      return;
    }
    event.preventDefault();
    target = link.href;
    dialog.showModal();
  });
  element('leave-stay').addEventListener('click', () => dialog.close());
  element('leave-go').addEventListener('click', go);
  element('leave-end').addEventListener('click', () => void endShift().then(go, () => dialog.close()));
  window.addEventListener('beforeunload', (event) => {
    if (!isDecided && isOnTrip()) {
      event.preventDefault();
    }
  });
}
