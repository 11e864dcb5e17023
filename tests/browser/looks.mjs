// Every page on a phone, on a projector and in the dark: nothing sticks out, nothing jumps, nothing is empty.

import { driversShown } from './city_page.mjs';
import { assertLayout, say, until, visit } from './visit.mjs';

const PHONE = { width: 390, height: 844, touch: true };
const PROJECTOR = { width: 1920, height: 1080 };
const DARK = { scheme: 'dark' };

/** What is there when a page is complete. */
const COMPLETE = {
  city: (page) => until('drivers are shown', () => driversShown(page)),
  ride: (page) => page.getByTestId('map').locator('canvas').first().waitFor(),
  drive: (page) => page.getByTestId('map').locator('canvas').first().waitFor(),
  docs: (page) => page.locator('[data-testid^=operation-]').first().waitFor(),
};

const PATHS = { city: '/', ride: '/ride', drive: '/drive', docs: '/docs' };

await visit(async (tour) => {
  for (const [name, path] of Object.entries(PATHS)) {
    for (const [where, view, query] of [['phone', PHONE, ''], ['big', PROJECTOR, '?big=1'], ['dark', DARK, '']]) {
      const page = await tour.open(path + query, view);
      await COMPLETE[name](page);
      await assertLayout(page, `${name} ${where}`);
      await tour.pictures.keep(page, `${name}-${where}`);
      await page.context().close();
      say(`${name} ${where}`);
    }
  }
});
