// The driver's page: a shift with an offer that is taken by key, driven by itself to its end, and paid.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import { junctions } from './places.mjs';
import { endShift, goOnShift, statusIs } from './shift.mjs';
import { assertLayout, say, until, visit } from './visit.mjs';

/** Others may be nearer to the first rider who asks, hardly to all of them. */
const RIDERS = 8;
const OFFER_MS = 15_000;
/** Some kilometres in a city that lives faster than we do. */
const TRIP_MS = 120_000;

await visit(async (tour) => {
  const [here, pickup, dropoff] = await junctions(tour.origin, 0.5, 0.51, 0.57);
  const page = await tour.open('/drive');
  await page.getByTestId('map').locator('canvas').first().waitFor();
  const driver = await goOnShift(page, here);
  say(`driver ${driver} is on shift`);
  await assertLayout(page, 'the drive page');
  await until('the city knows the driver', async () => (await tour.ask('GET', `/v1/drivers/${driver}`)).position !== null);
  await offerComes(page, tour, { pickup, dropoff });
  const trip = await takeOffer(page, tour);
  await drive(page, tour);
  await readEarnings(page, tour, trip);
  await endShift(page);
  assert.equal((await tour.ask('GET', `/v1/drivers/${driver}`)).status, 'offline');
  say('off shift');
});

/** Riders around the corner ask until the driver gets an offer. */
async function offerComes(page, tour, ends) {
  const offer = page.getByTestId('offer');
  for (let rider = 8_000_001; rider <= 8_000_000 + RIDERS; rider += 1) {
    await tour.ask('POST', '/v1/rides', { rider, ...ends }, { 'Idempotency-Key': randomUUID() });
    const isThere = await offer.waitFor({ timeout: OFFER_MS }).then(() => true, () => false);
    if (isThere) return;
  }
  throw new Error(`${RIDERS} riders around the corner brought no offer`);
}

/** Accepts the offer by its key; gives the trip. */
async function takeOffer(page, tour) {
  const trip = await page.getByTestId('offer').getAttribute('data-trip');
  const seconds = await until('the countdown runs', async () => Number(await page.getByTestId('offer-seconds').innerText()));
  assert.ok(seconds > 0 && seconds <= 15, `${seconds} s to answer`);
  for (const what of ['way', 'ride', 'time']) {
    await until(`the ${what} is told`, async () => /\d/.test(await page.getByTestId(`offer-${what}`).innerText()), OFFER_MS);
  }
  await tour.pictures.keep(page, 'drive-offer');
  await page.keyboard.press('a');
  await statusIs(page, 'to_pickup', 'waiting', 'on_trip');
  say(`took the offer of ${trip}`);
  return trip;
}

/** The car drives by itself; the page only has to show it. */
async function drive(page, tour) {
  const statuses = [];
  await until(
    'the trip is paid',
    async () => {
      const status = await page.getByTestId('shift').getAttribute('data-status');
      if (status !== statuses.at(-1)) {
        statuses.push(status);
        say(`the driver is ${status}`);
        if (status === 'on_trip') await tour.pictures.keep(page, 'drive-on-trip');
      }
      return (await page.getByTestId('earning').count()) > 0;
    },
    TRIP_MS,
  );
  assert.ok(statuses.includes('on_trip'), `the driver went through ${statuses}`);
}

/** The fare on the page is the gateway's. */
async function readEarnings(page, tour, trip) {
  const earning = page.locator(`[data-testid=earning][data-trip="${trip}"]`);
  const { state, fare } = await tour.ask('GET', `/v1/rides/${trip}`);
  assert.equal(state, 'completed');
  assert.ok(fare.distance_m > 0, JSON.stringify(fare));
  const amount = (fare.total.minor / 100).toFixed(2);
  const shown = await earning.innerText();
  assert.ok(shown.includes(amount), `${shown} does not say ${amount}`);
  assert.match(await page.getByTestId('earnings-total').innerText(), /\d/);
  say(`earned ${amount}`);
  await tour.pictures.keep(page, 'drive-earnings');
}
