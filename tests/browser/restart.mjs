// All pages while their gateway dies and comes back: each says so, and goes on. Whoever runs this kills the gateway when
// it says READY.

import assert from 'node:assert/strict';

import { driversShown } from './city_page.mjs';
import { junctions, placeText } from './places.mjs';
import { endShift, goOnShift } from './shift.mjs';
import { say, type, until, visit } from './visit.mjs';

const READY = 'the gateway may die now';

/** What browsers log when nobody answers, or a gateway that is not ready yet. */
const OUTAGE = /console: .*(net::ERR_|WebSocket connection|status of 503)|^503 from/;

/** All of them are drawn at once, by software. */
const SMALL = { width: 900, height: 600 };

/** A new gateway reads its tables before it is ready. */
const BACK_MS = 90_000;
const RIDE_MS = 150_000;

await visit(async (tour) => {
  const [here, pickup, dropoff] = await junctions(tour.origin, 0.3, 0.45, 0.6);
  const drive = await tour.open('/drive', SMALL);
  await goOnShift(drive, here);
  say('on shift');
  const city = await tour.open('/', SMALL);
  await until('the city shows drivers', () => driversShown(city));
  say('the city is shown');
  const ride = await tour.open('/ride', SMALL);
  await type(ride, 'pickup-input', placeText(pickup));
  await type(ride, 'dropoff-input', placeText(dropoff));
  await ride.getByTestId('ask').click();
  await ride.locator('[data-testid=ride][data-ride]').waitFor();
  say('a ride is asked for');
  const pages = { city, drive, ride };
  for (const page of Object.values(pages)) await isConnected(page);

  tour.complaints.excuse(OUTAGE);
  for (const page of Object.values(pages)) await page.evaluate(() => void (window.visit.states = []));
  say(READY);
  for (const [name, page] of Object.entries(pages)) {
    await page.waitForFunction(() => window.visit.states.includes('reconnecting'), null, { timeout: BACK_MS });
    say(`${name} says that it is lost`);
  }
  for (const [name, page] of Object.entries(pages)) {
    await isConnected(page, BACK_MS);
    say(`${name} is connected again`);
  }
  tour.complaints.excuse(null);

  const shown = await until('the city shows drivers again', () => driversShown(city));
  say(`the city shows ${shown} drivers`);
  await tour.pictures.keep(city, 'city-after-restart');
  await ride.getByTestId('receipt').waitFor({ timeout: RIDE_MS });
  assert.equal(await ride.getByTestId('receipt').getAttribute('data-state'), 'completed');
  say('the ride is completed');
  await endShift(drive);
});

async function isConnected(page, timeout) {
  await page.locator('[data-testid=connection][data-state=connected]').waitFor(timeout ? { timeout } : {});
}
