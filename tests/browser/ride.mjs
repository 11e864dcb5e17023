// The rider's page: a ride asked for with the keyboard alone, watched to its end, with its receipt.

import assert from 'node:assert/strict';

import { junctions, placeText } from './places.mjs';
import { assertLayout, say, tabTo, type, until, visit } from './visit.mjs';

/** A ride across a few streets, in a city that lives faster than we do. */
const RIDE_MS = 150_000;

await visit(async (tour) => {
  const [pickup, dropoff] = await junctions(tour.origin, 0.45, 0.55);
  const page = await tour.open('/ride');
  await page.getByTestId('map').locator('canvas').first().waitFor();
  // A refused request is an error to the browser's console.
  tour.complaints.excuse(/status of 422/);
  await badPlacesAreRefused(page);
  await choose(page, pickup, dropoff);
  tour.complaints.excuse(null);
  const price = await page.getByTestId('quote-price').innerText();
  say(`the price is ${price}`);
  await tour.pictures.keep(page, 'ride-quote');
  await assertLayout(page, 'the ride page');

  await tabTo(page, 'ask');
  await page.keyboard.press('Enter');
  const ride = await page.locator('[data-testid=ride][data-ride]').getAttribute('data-ride');
  say(`asked for ${ride}`);
  await watch(page, tour);
  await readReceipt(page, tour, ride);
  await findInHistory(page, ride);
  await page.getByTestId('again').click();
  await page.getByTestId('choose').waitFor();
});

/** Fields that hold no place, and places outside the city, are said so, and nothing can be asked for. */
async function badPlacesAreRefused(page) {
  await tabTo(page, 'pickup-input');
  await page.keyboard.type('somewhere');
  await page.keyboard.press('Tab');
  await page.locator('[data-testid=pickup-input][aria-invalid=true]').waitFor();
  await type(page, 'pickup-input', '0, 0');
  await type(page, 'dropoff-input', '0.01, 0.01');
  await page.locator('[data-testid=quote-problem][data-problem=outside-city]').waitFor();
  assert.ok(await page.getByTestId('ask').isDisabled(), 'nothing can be asked for without a price');
}

async function choose(page, pickup, dropoff) {
  await type(page, 'pickup-input', placeText(pickup));
  await type(page, 'dropoff-input', placeText(dropoff));
  await page.locator('[data-testid=quote][data-state=ready]').waitFor();
  assert.match(await page.getByTestId('quote-price').innerText(), /\d/);
  assert.match(await page.getByTestId('quote-distance').innerText(), /\d+(\.\d)? k?m/);
}

/** Follows the ride on the page until the receipt. */
async function watch(page, tour) {
  const states = [];
  await until(
    'the receipt',
    async () => {
      const state = await page.getByTestId('ride').getAttribute('data-state');
      if (state !== states.at(-1)) {
        states.push(state);
        say(`the ride is ${state}`);
        if (state === 'started') await tour.pictures.keep(page, 'ride-on-the-way');
      }
      return page.getByTestId('receipt').isVisible();
    },
    RIDE_MS,
  );
  assert.ok(states.includes('started'), `the ride went through ${states}`);
}

/** The receipt says what the gateway says. */
async function readReceipt(page, tour, ride) {
  assert.equal(await page.getByTestId('receipt').getAttribute('data-state'), 'completed');
  const total = await page.getByTestId('receipt-total').innerText();
  const { state, fare } = await tour.ask('GET', `/v1/rides/${ride}`);
  assert.equal(state, 'completed');
  assert.ok(total.includes((fare.total.minor / 100).toFixed(2)), `${total} is not ${JSON.stringify(fare.total)}`);
  say(`the receipt says ${total}`);
  await tour.pictures.keep(page, 'ride-receipt');
}

async function findInHistory(page, ride) {
  await until('the ride is in the history', async () => {
    const links = await page.getByTestId('history-list').locator('a').evaluateAll((found) => found.map(({ href }) => href));
    if (links.some((href) => decodeURIComponent(href).includes(ride))) return true;
    await page.getByTestId('history-reload').click();
    return false;
  });
}
