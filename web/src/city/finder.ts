// Finds a driver or a trip by its id: the way to a story without a mouse.

import { element, setText } from '../shell/shell.ts';
import { parseId } from './ids.ts';
import type { Picked } from './picker.ts';

/** Listens to the form on the map. */
export function listenToFinder(found: (picked: Picked) => void): void {
  const input = element<HTMLInputElement>('find');
  const answer = element('find-answer');
  input.addEventListener('input', () => (answer.hidden = true));
  element('finder').addEventListener('submit', (event) => {
    event.preventDefault();
    const picked = parseId(input.value);
    answer.hidden = picked !== null;
    if (picked !== null) found(picked);
    else setText(answer, 'A driver is a number, a trip is <zone>.<uuid>.');
  });
}
