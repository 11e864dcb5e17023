// The page of the city: drivers who move, as many as the gateway counts; layers; stories; figures; light and dark.

import assert from 'node:assert/strict';

import { driversShown, listenToFigures, pictureOfMap, sameCount, showLayers } from './city_page.mjs';
import { assertLayout, options, say, until, visit } from './visit.mjs';

/** Text, roads, scripts: what a browser fetches for the page, compressed. */
const MOST_BYTES = 700 * 1024;

await visit(async (tour) => {
  const page = await tour.open('/');
  await until('the page shows drivers', () => driversShown(page));
  await listenToFigures(page);
  // Some of them take a break.
  const fewest = Math.ceil(Number(options.drivers) * 0.6);
  say(`page and gateway count ${await sameCount(page, fewest)} drivers`);
  await figuresGoOn(page);
  await tour.pictures.keep(page, 'city-light');
  await assertLayout(page, 'the city page');
  await assertWeight(page);
  await driversMove(page, tour);
  await layersToggle(page, tour);
  await storiesOpen(page, tour);
  await finderFinds(page);
  await themeStays(page, tour);
});

/** The numbers beside the map are those of the gateway, and grow. */
async function figuresGoOn(page) {
  await page.locator('[data-testid=figures][data-state=live]').waitFor();
  const number = async (id) => Number((await page.getByTestId(id).innerText()).replaceAll(/\D/g, ''));
  const before = await number('total-reports');
  await until('the reports grow', async () => (await number('total-reports')) > before);
  assert.ok((await number('figure-drivers')) > 0);
  await until('requests are counted', async () => (await number('total-requests')) > 0);
}

/** What the page weighs. */
async function assertWeight(page) {
  const bytes = await page.evaluate(() =>
    [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
      .map(({ transferSize }) => transferSize)
      .reduce((sum, size) => sum + size, 0),
  );
  const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0);
  say(`the page weighs ${Math.round(bytes / 1024)} KiB; first painted after ${Math.round(paint)} ms`);
  assert.ok(bytes > 10_000 && bytes <= MOST_BYTES, `${bytes} bytes`);
  assert.ok(paint > 0);
}

/** Two pictures of the drivers alone differ; without drivers the map stands still. */
async function driversMove(page, tour) {
  await showLayers(page, { drivers: true });
  const { picture: first } = await pictureOfMap(page);
  await until('drivers move on the map', async () => {
    const { picture } = await pictureOfMap(page);
    return (await tour.pictures.difference(first, picture)) > 50;
  });
  say(`drivers move, at ${await page.evaluate(() => window.hailstorm.fps())} frames a second`);
  await showLayers(page, {});
  let before = (await pictureOfMap(page)).picture;
  await until('the map stands still without drivers', async () => {
    const { picture } = await pictureOfMap(page);
    const difference = await tour.pictures.difference(before, picture);
    before = picture;
    return difference === 0;
  });
}

/** Each layer changes the picture, and taking it away brings the bare map back. */
async function layersToggle(page, tour) {
  const bare = (await pictureOfMap(page)).picture;
  for (const layers of [{ drivers: true }, { trips: true }, { zones: 'demand' }]) {
    await showLayers(page, layers);
    const name = JSON.stringify(layers);
    await until(`${name} shows`, async () => (await tour.pictures.difference(bare, (await pictureOfMap(page)).picture)) > 50);
    await showLayers(page, {});
    await until(`${name} is gone`, async () => (await tour.pictures.difference(bare, (await pictureOfMap(page)).picture)) === 0);
  }
  await showLayers(page, { drivers: true, trips: true, zones: 'surge' });
  say('layers come and go');
}

/** A click on a driver opens the driver's story, which leads to that of the trip. */
async function storiesOpen(page, tour) {
  await showLayers(page, { drivers: true });
  await until('a click opens the story of a driver on a trip', () => clickDriver(page, tour));
  const title = await page.getByTestId('sheet-title').innerText();
  assert.match(title, /^Driver \d+$/);
  await readStory(page);
  say(`${title} has a story`);
  await tour.pictures.keep(page, 'city-driver-story');
  await page.getByTestId('sheet').getByRole('button', { name: 'Story of the trip' }).click();
  await page.getByTestId('sheet-title').filter({ hasText: 'Trip' }).waitFor();
  await readStory(page);
  const trip = new URL(page.url()).searchParams.get('trip');
  const story = await tour.ask('GET', `/v1/rides/${trip}/story`);
  assert.ok(story.events.some(({ topic }) => topic === 'trip-events'), JSON.stringify(story).slice(0, 500));
  await tour.pictures.keep(page, 'city-trip-story');
  await page.keyboard.press('Escape');
  await page.getByTestId('sheet').waitFor({ state: 'hidden' });
}

/** Clicks where the colour of a driver on a trip is; whether that opened the story of one. */
async function clickDriver(page, tour) {
  const { picture, clip } = await pictureOfMap(page);
  const width = Math.floor(clip.width);
  const crimson = await tour.pictures.look([picture], ([pixels]) =>
    // Little-endian: red is the lowest byte.
    [...pixels].findIndex((pixel) => (pixel & 255) > 190 && ((pixel >> 8) & 255) < 90 && ((pixel >> 16) & 255) < 120),
  );
  if (crimson < 0) return false;
  await page.mouse.click(clip.x + (crimson % width) + 2, clip.y + Math.floor(crimson / width) + 2);
  if (!(await page.getByTestId('sheet').isVisible())) return false;
  const trip = page.getByTestId('sheet').getByRole('button', { name: 'Story of the trip' });
  const isFound = await trip.waitFor({ timeout: 5_000 }).then(() => true, () => false);
  if (!isFound) await page.keyboard.press('Escape');
  return isFound;
}

/** The sheet tells events with their topic, partition and offset. */
async function readStory(page) {
  const event = page.getByTestId('story-event').first();
  await event.waitFor();
  assert.match(await event.innerText(), /[a-z-]+, partition \d+, offset \d+/);
}

/** The way to a story without a mouse. */
async function finderFinds(page) {
  await page.getByTestId('find').focus();
  await page.keyboard.type('1');
  await page.keyboard.press('Enter');
  await page.getByTestId('sheet-title').filter({ hasText: 'Driver 1' }).waitFor();
  await page.getByTestId('sheet-close').click();
  await page.getByTestId('sheet').waitFor({ state: 'hidden' });
}

/** The toggle turns the page dark, and it stays so when it is loaded again. */
async function themeStays(page, tour) {
  const brightness = () =>
    page.evaluate(() => {
      const [red, green, blue] = getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g).map(Number);
      return red + green + blue;
    });
  const light = await brightness();
  await page.getByTestId('theme-toggle').click();
  await until('the page is dark', async () => (await brightness()) < light / 2);
  await page.reload();
  await until('the page shows drivers again', () => driversShown(page));
  assert.ok((await brightness()) < light / 2, 'the choice of dark is remembered');
  await tour.pictures.keep(page, 'city-dark');
  say('dark, and still dark after a reload');
}
