// Event streams are cut as the standard says, wherever the network cuts them.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SseParser } from './sse_parser.ts';

const STREAM = ': hello\n\nretry: 1000\n\nevent: state\nid: 3-17\ndata: {"state":"matched"}\n\nevent: eta\ndata: 1\ndata: 2\n\n';

test('events have their name, data and the last id so far', () => {
  const parser = new SseParser();
  assert.deepEqual(parser.push(STREAM), [
    { event: 'state', data: '{"state":"matched"}', id: '3-17' },
    { event: 'eta', data: '1\n2', id: '3-17' },
  ]);
  assert.equal(parser.retryMs, 1000);
});

test('it makes no difference where the pieces are cut, or how lines end', () => {
  for (const stream of [STREAM, STREAM.replaceAll('\n', '\r\n'), STREAM.replaceAll('\n', '\r')]) {
    const whole = new SseParser().push(`${stream}\n`);
    for (let size = 1; size < 9; size += 1) {
      const parser = new SseParser();
      const pieces = `${stream}\n`.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [];
      assert.deepEqual(pieces.flatMap((piece) => parser.push(piece)), whole, `pieces of ${size}`);
    }
  }
});

test('an event without data is none, and one that is not finished is not told', () => {
  const parser = new SseParser();
  assert.deepEqual(parser.push('event: end\n\n'), []);
  assert.deepEqual(parser.push('event: end\ndata: {}\n'), []);
  assert.deepEqual(parser.push('\n'), [{ event: 'end', data: '{}', id: null }]);
});

test('without a name it is a message', () => {
  assert.deepEqual(new SseParser().push('data:x\n\n'), [{ event: 'message', data: 'x', id: null }]);
});
