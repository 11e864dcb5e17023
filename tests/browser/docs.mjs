// The page of the API: every operation of the gateway's own description stands on it, and both descriptions can be had.

import assert from 'node:assert/strict';

import { assertLayout, say, visit } from './visit.mjs';

const METHODS = ['get', 'put', 'post', 'delete', 'patch'];

await visit(async (tour) => {
  const openapi = await tour.ask('GET', '/openapi.json');
  assert.match(openapi.openapi, /^3\.1\./);
  const asyncapi = await tour.ask('GET', '/asyncapi.json');
  assert.match(asyncapi.asyncapi, /^3\./);
  assert.ok(Object.keys(asyncapi.channels).length >= 13, `${Object.keys(asyncapi.channels)}`);

  const page = await tour.open('/docs');
  const panels = page.locator('[data-testid^=operation-]');
  await panels.first().waitFor();
  const text = await page.locator('main').innerText();
  const operations = Object.entries(openapi.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => method in item).map((method) => ({ method: method.toUpperCase(), path })),
  );
  assert.equal(await panels.count(), operations.length);
  for (const { method, path } of operations) assert.ok(text.includes(path), `${method} ${path} is missing on the page`);
  const links = await page.locator('main a').evaluateAll((found) => found.map(({ href }) => new URL(href).pathname));
  for (const path of ['/openapi.json', '/asyncapi.json']) assert.ok(links.includes(path), `no link to ${path}`);
  for (const panel of await panels.all()) {
    await panel.locator('summary').first().click();
    await panel.getByRole('heading', { name: 'Answers' }).waitFor();
  }
  say(`${operations.length} operations fold out`);
  await assertLayout(page, 'the page of the API');
  await tour.pictures.keep(page, 'docs-light');
  await problemsExplainThemselves(tour);
});

/** The type of a problem is an address that can be read. */
async function problemsExplainThemselves(tour) {
  const refused = await fetch(new URL('/v1/nothing', tour.origin));
  assert.equal(refused.status, 404);
  assert.equal(refused.headers.get('content-type'), 'application/problem+json');
  const { type } = await refused.json();
  const explained = await fetch(new URL(type, tour.origin));
  assert.equal(explained.status, 200, `${type} is not explained`);
  say(`${type} is explained`);
}
