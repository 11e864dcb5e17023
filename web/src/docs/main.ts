// The page of the API: the gateway's own OpenAPI document, readable.

import { request } from '../api/http.ts';
import { say, sayFailure, sayNothing } from '../shell/notice.ts';
import { element, setText, startShell } from '../shell/shell.ts';
import { byTag } from './openapi.ts';
import type { Listed, OpenApi } from './openapi.ts';
import { methodView, operationView } from './operation_view.ts';
import { element as make } from './schema_view.ts';

startShell();
void load();

async function load(): Promise<void> {
  const notice = element('notice');
  say(notice, 'Loading the document…');
  try {
    show(await request<OpenApi>('GET', '/openapi.json'));
    sayNothing(notice);
  } catch (error) {
    sayFailure(notice, error, () => void load());
  }
}

function show(api: OpenApi): void {
  setText(element('title'), `${api.info.title} ${api.info.version}`);
  if (api.info.description) setText(element('description'), api.info.description);
  const descriptions = new Map((api.tags ?? []).map(({ name, description }) => [name, description ?? '']));
  const contents: HTMLElement[] = [];
  const operations: HTMLElement[] = [];
  for (const [tag, listed] of byTag(api)) {
    contents.push(make('h2', '', named(tag)), ...listed.map(linkTo));
    operations.push(make('h2', 'docs__group', named(tag)));
    const text = descriptions.get(tag);
    if (text) operations.push(make('p', 'schema__text', text));
    operations.push(...listed.map((one) => operationView(api, one)));
  }
  element('contents').replaceChildren(...contents);
  element('operations').replaceChildren(...operations);
  window.addEventListener('hashchange', openAddressed);
  openAddressed();
}

function linkTo({ method, path, anchor }: Listed): HTMLElement {
  const link = make('a', '') as HTMLAnchorElement;
  link.href = `#${anchor}`;
  link.append(methodView(method), make('span', '', path));
  return link;
}

/** Folds out the operation that the address names. */
function openAddressed(): void {
  const panel = document.getElementById(decodeURIComponent(window.location.hash.slice(1)));
  if (!(panel instanceof HTMLDetailsElement)) return;
  panel.open = true;
  panel.scrollIntoView();
}

function named(tag: string): string {
  return tag.charAt(0).toUpperCase() + tag.slice(1);
}
