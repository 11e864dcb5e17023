// What the city's page shows, and what the gateway says beside it.

/** How many drivers the page holds; 0 before it holds any. */
export function driversShown(page) {
  return page.evaluate(() => (window.hailstorm?.connected() ? window.hailstorm.drivers() : 0));
}

/** From now on `window.visit.told` is what the gateway counts itself, from a second live socket. */
export function listenToFigures(page) {
  return page.evaluate(() => {
    const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/v1/live`);
    const view = { type: 'view', west: 0, south: 0, east: 0, north: 0, zoom: 14, layers: ['figures'] };
    socket.onopen = () => socket.send(JSON.stringify(view));
    socket.onmessage = ({ data }) => {
      const message = typeof data === 'string' ? JSON.parse(data) : {};
      if (message.type === 'figures') window.visit.told = message;
    };
  });
}

/** Waits until page and gateway count the same drivers, at least `fewest`; gives how many. */
export async function sameCount(page, fewest) {
  const same = await page.waitForFunction((fewest) => {
    const told = Object.values(window.visit.told?.drivers ?? {}).reduce((sum, count) => sum + count, 0);
    return told >= fewest && told === window.hailstorm.drivers() ? told : null;
  }, fewest);
  return same.jsonValue();
}

/** Shows these layers and no others. */
export async function showLayers(page, { drivers = false, trips = false, zones = 'none' }) {
  await page.getByTestId('layer-drivers').setChecked(drivers);
  await page.getByTestId('layer-trips').setChecked(trips);
  // The radio buttons themselves are hidden behind their labels.
  await page.getByTestId(`zones-${zones}`).setChecked(true, { force: true });
}

/** A picture of the middle of the map, where nothing but the map is. */
export async function pictureOfMap(page) {
  const { x, y, width, height } = await page.getByTestId('map').locator('canvas').first().boundingBox();
  const clip = { x: x + width * 0.3, y: y + height * 0.3, width: width * 0.4, height: height * 0.4 };
  return { picture: await page.screenshot({ clip, scale: 'css' }), clip };
}
