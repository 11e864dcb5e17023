// A box that says what went wrong and what to do about it.

import { adviceFor, asProblem } from '../api/problem.ts';

/** Something to press beside the advice. */
export interface Remedy {
  label: string;
  run: () => void;
}

/** Fills a notice and shows it. */
export function showProblem(box: HTMLElement, error: unknown, remedy?: Remedy): void {
  const problem = asProblem(error);
  const title = document.createElement('strong');
  title.textContent = problem.problem.title;
  const text = document.createElement('p');
  const detail = problem.problem.detail ?? '';
  text.textContent = [detail === '' ? '' : sentence(detail), adviceFor(problem)].filter(Boolean).join(' ');
  box.replaceChildren(title, text);
  if (remedy) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'button';
    button.textContent = remedy.label;
    button.dataset['testid'] = 'retry';
    button.addEventListener('click', remedy.run);
    box.append(button);
  }
  box.dataset['problem'] = problem.slug;
  box.className = 'notice notice--error';
  box.hidden = false;
}

/** Says something that is no error. */
export function showInfo(box: HTMLElement, words: string): void {
  const text = document.createElement('p');
  text.textContent = words;
  box.replaceChildren(text);
  box.className = 'notice notice--info';
  delete box.dataset['problem'];
  box.hidden = false;
}

export function hideNotice(box: HTMLElement): void {
  box.hidden = true;
  box.replaceChildren();
}

/** Details come as fragments: lowercase and without a full stop. */
function sentence(fragment: string): string {
  const whole = fragment.charAt(0).toUpperCase() + fragment.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}
