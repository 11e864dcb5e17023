// A driver's shift on the page for drivers.

import { placeText } from './places.mjs';
import { type } from './visit.mjs';

/** Goes on shift at a place, in a hurry; gives the driver's number. */
export async function goOnShift(page, place) {
  await type(page, 'place-input', placeText(place));
  await page.getByTestId('start-shift').focus();
  const driver = Number(await page.getByTestId('driver-id').inputValue());
  await page.keyboard.press('Enter');
  await statusIs(page, 'idle', 'reserved');
  await page.getByTestId('speed').selectOption('4');
  return driver;
}

/** Waits until the driver has one of these statuses; gives it. */
export async function statusIs(page, ...statuses) {
  const wanted = statuses.map((status) => `[data-testid=shift][data-status=${status}]`).join(', ');
  return page.locator(wanted).getAttribute('data-status');
}

/** Ends the shift, and waits until the city knows. */
export async function endShift(page) {
  await page.getByTestId('end-shift').click();
  await statusIs(page, 'offline');
}
