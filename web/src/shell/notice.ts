// A box on the page that says how it stands: loading, failed, or nothing.

import { asProblem } from '../api/problem.ts';

/** Says something that is no error. */
export function say(box: HTMLElement, words: string): void {
  fill(box, 'notice notice--info', words);
}

/** Says what went wrong; `again` adds a button. */
export function sayFailure(box: HTMLElement, error: unknown, again?: () => void): void {
  const { title, detail } = asProblem(error).problem;
  fill(box, 'notice notice--error', detail ? `${title}: ${detail}` : title, again);
}

/** Says nothing any more. */
export function sayNothing(box: HTMLElement): void {
  box.hidden = true;
  delete box.dataset.words;
}

function fill(box: HTMLElement, className: string, words: string, again?: () => void): void {
  // The same again would take the focus off the button.
  if (box.dataset.words === words && !box.hidden) return;
  box.dataset.words = words;
  const text = document.createElement('p');
  text.textContent = words;
  box.replaceChildren(text);
  if (again !== undefined) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'button notice__button';
    button.textContent = 'Try again';
    button.dataset.testid = 'retry';
    button.addEventListener('click', again);
    box.append(button);
  }
  box.className = className;
  box.hidden = false;
}
