// What every page has in common before any script runs: the head and the top bar. The build writes it into each page.

/** The pages of the site. */
export type Page = 'city' | 'ride' | 'drive' | 'docs';

const NAV: readonly [page: Page, href: string, name: string][] = [
  ['city', '/', 'City'],
  ['ride', '/ride', 'Ride'],
  ['drive', '/drive', 'Drive'],
  ['docs', '/docs', 'API'],
];

/** Three hailstones with their trails. */
const MARK =
  '<path d="M10 3 5.6 13M16.5 3 11.2 15M20.5 8 17.4 15" stroke-width="1.8" stroke-linecap="round" fill="none" opacity=".55"/>' +
  '<circle cx="4.8" cy="15.2" r="2.3"/><circle cx="10.2" cy="18.2" r="3"/><circle cx="16.8" cy="16.8" r="2.1"/>';

const ICON = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='#2f7fd6' stroke='#2f7fd6' stroke-width='0'>${MARK.replaceAll('"', "'")}</svg>`;

/** A stored choice of theme is applied before the first paint, so that the page does not flash. */
const EARLY_THEME =
  "try{const t=localStorage.getItem('theme');if(t==='light'||t==='dark')document.documentElement.dataset.theme=t}catch{}" +
  "if(new URLSearchParams(location.search).get('big')==='1')document.documentElement.dataset.big=''";

/** The shared part of `<head>`; each page adds its title. */
export function headMarkup(): string {
  return [
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(ICON)}">`,
    `<script>${EARLY_THEME}</script>`,
    '<link rel="stylesheet" href="/src/style/index.css">',
  ].join('\n  ');
}

/** The top bar. */
export function barMarkup(current: Page): string {
  const links = NAV.map(
    ([page, href, name]) => `<a href="${href}"${page === current ? ' aria-current="page"' : ''}>${name}</a>`,
  ).join('');
  return `<header class="bar">
    <a class="bar__name" href="/"><svg class="bar__mark" viewBox="0 0 24 24" aria-hidden="true">${MARK}</svg>Hailstorm</a>
    <nav class="bar__nav" aria-label="Pages">${links}</nav>
    <div class="bar__status">
      <span class="clock" data-testid="clock" title="Time in the city"><time class="clock__time" id="clock"></time><span class="clock__speed" id="clock-speed"></span></span>
      <span class="connection" id="connection" data-testid="connection" data-state="idle" role="status"></span>
      <button class="button button--quiet" id="theme" data-testid="theme-toggle" type="button" aria-label="Switch between light and dark" title="Light or dark"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 3a9 9 0 1 0 9 9 7 7 0 0 1-9-9Z" fill="currentColor"/></svg></button>
    </div>
  </header>`;
}
