// One visit to the pages of a gateway: a browser, the pages opened in it, what they complained about, their pictures.

import { createRequire } from 'node:module';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';

import { Complaints } from './complaints.mjs';
import { Pictures } from './pictures.mjs';

// The driver lies in a cache folder that `NODE_PATH` names, which only `require` looks at.
const { chromium } = createRequire(import.meta.url)('playwright-core');

/** Without a graphics card: WebGL 2 by software. Text as everywhere: pictures do not depend on the screen's pixels. */
const ARGUMENTS = ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--disable-lcd-text'];

const SCRIPT = basename(process.argv[1], '.mjs');

/** Nothing on a page takes longer, on a busy machine. */
export const PATIENCE_MS = 60_000;

const { values: options } = parseArgs({
  options: {
    url: { type: 'string' },
    out: { type: 'string' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
    patience: { type: 'string', default: '300' },
    drivers: { type: 'string', default: '0' },
  },
});

/** What the script was told, as text. */
export { options };

const began = performance.now();

/** Tells how far the visit is: whoever reads a failure sees what came before it. */
export function say(words) {
  console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${words}`);
}

/** Runs `script` with a visit, and ends the process: with 1 if it threw, took too long, or a page complained. */
export async function visit(script) {
  const browser = await chromium.launch({ executablePath: options.chromium, args: ARGUMENTS });
  const tour = new Visit(browser);
  const tooLong = setTimeout(() => void tour.give('the visit took too long'), Number(options.patience) * 1000);
  try {
    await script(tour);
    tour.complaints.assertNone();
    say('done');
  } catch (error) {
    process.exitCode = 1;
    console.error(error);
    await tour.tellState();
  }
  clearTimeout(tooLong);
  await browser.close();
}

class Visit {
  constructor(browser) {
    this.browser = browser;
    this.origin = new URL(options.url).origin;
    this.complaints = new Complaints(this.origin);
    this.pictures = new Pictures(browser, options.out);
    this.pages = [];
  }

  /** Opens a page of the gateway in a profile of its own. */
  async open(path, { width = 1280, height = 800, scheme = 'light', touch = false } = {}) {
    const context = await this.browser.newContext({
      viewport: { width, height },
      colorScheme: scheme,
      locale: 'en-US',
      hasTouch: touch,
      reducedMotion: 'no-preference',
    });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    this.complaints.watch(page, path);
    await page.addInitScript(watchFromWithin);
    const response = await page.goto(new URL(path, this.origin).href);
    if (!response.ok()) throw new Error(`${path} was answered with ${response.status()}: ${await response.text()}`);
    this.pages.push(page);
    return page;
  }

  /** Asks the gateway itself; gives the JSON of a good answer. */
  async ask(method, path, body, headers = {}) {
    const response = await fetch(new URL(path, this.origin), {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${text}`);
    return JSON.parse(text);
  }

  /** Ends the visit at once. */
  async give(up) {
    console.error(up);
    process.exitCode = 1;
    await this.tellState();
    await this.browser.close();
    process.exit();
  }

  /** What the pages show when something went wrong: their text, and a picture. */
  async tellState() {
    console.error(this.complaints.text());
    for (const [place, page] of this.pages.entries()) {
      const text = await page.evaluate(() => document.body.innerText).catch((error) => String(error));
      console.error(`--- ${page.url()}\n${text.replaceAll(/\n{2,}/g, '\n').slice(0, 3000)}`);
      const picture = await page.screenshot({ timeout: 10_000 }).catch(() => null);
      if (picture && options.out) await writeFile(join(options.out, `failed-${SCRIPT}-${place}.png`), picture);
    }
  }
}

/** Runs in each page before its scripts: what happens too quickly to be asked for. */
function watchFromWithin() {
  // How much the layout jumped while nobody did anything, and the states that the connection was in.
  window.visit = { jumped: 0, states: [] };
  new MutationObserver((changes) => {
    for (const { target } of changes) if (target.id === 'connection') window.visit.states.push(target.dataset.state);
  }).observe(document, { subtree: true, attributeFilter: ['data-state'] });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.visit.jumped += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });
}

/** Waits until `condition` (run in this process) holds. */
export async function until(what, condition, patienceMs = PATIENCE_MS) {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`waited ${patienceMs / 1000} s in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Presses Tab until the element with a test id has the focus. */
export async function tabTo(page, testId, most = 60) {
  const seen = [];
  for (let presses = 0; presses < most; presses += 1) {
    const focused = await page.evaluate(() => document.activeElement?.dataset.testid ?? document.activeElement?.tagName);
    if (focused === testId) return;
    seen.push(focused);
    await page.keyboard.press('Tab');
  }
  throw new Error(`${testId} can not be reached by Tab; it led to ${seen.join(', ')}`);
}

/** Replaces the text of a field and leaves it, as one does with the keyboard. */
export async function type(page, field, text) {
  await page.getByTestId(field).focus();
  await page.keyboard.press('Control+A');
  await page.keyboard.type(text);
  await page.keyboard.press('Tab');
}

/** Fails if the page is wider than its window, or jumped while it was built up. */
export async function assertLayout(page, what) {
  const { wide, jumped } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth - window.innerWidth,
    jumped: window.visit.jumped,
  }));
  if (wide > 0) throw new Error(`${what} is ${wide} px wider than its window`);
  if (jumped > MOST_JUMPS) throw new Error(`the layout of ${what} jumped by ${jumped.toFixed(3)}`);
}

/** Cumulative layout shift: what is called good. */
const MOST_JUMPS = 0.1;
