// Every failure says what it is and what to do.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { pauseMs } from './backoff.ts';
import { ProblemError, adviceFor, asProblem, problemOf, unreachable } from './problem.ts';

test('a problem is read with its title, detail and the pause it asks for', async () => {
  const body = { type: '/problems/outside-city', title: 'Outside the city', status: 422, detail: '5 km off' };
  const problem = await problemOf(new Response(JSON.stringify(body), { status: 422, headers: { 'retry-after': '7' } }));
  assert.equal(problem.slug, 'outside-city');
  assert.equal(problem.message, 'Outside the city: 5 km off');
  assert.equal(problem.retryAfterS, 7);
  assert.equal(problem.isPassing, false);
});

test('an error without a problem is one all the same', async () => {
  const problem = await problemOf(new Response('<html>', { status: 502, statusText: 'Bad Gateway' }));
  assert.equal(problem.problem.title, 'Bad Gateway');
  assert.equal(problem.isPassing, true);
  assert.equal(asProblem(new TypeError('x is undefined')).problem.detail, 'x is undefined');
});

test('what may have reached the city counts as passing, a refusal does not', () => {
  const isPassing = (status: number): boolean => new ProblemError({ type: '', title: '', status }).isPassing;
  assert.deepEqual([0, 408, 429, 500, 503].map(isPassing), [true, true, true, true, true]);
  assert.deepEqual([400, 404, 409, 422].map(isPassing), [false, false, false, false]);
});

test('there is always something to do', () => {
  for (const status of [0, 400, 404, 409, 422, 429, 500, 503]) {
    assert.notEqual(adviceFor(new ProblemError({ type: '/problems/other', title: 'x', status })), '');
  }
  assert.match(adviceFor(unreachable()), /running/);
});

test('pauses grow up to a limit and are spread', () => {
  assert.deepEqual([1, 2, 3, 4, 5, 6, 60].map((attempt) => pauseMs(attempt, 1)), [500, 1000, 2000, 4000, 8000, 8000, 8000]);
  assert.equal(pauseMs(2, 0), 500);
});
