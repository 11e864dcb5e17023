// A stream comes back by itself, resumes where it was, and says what is wrong when it can't.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';

import { EventStream } from './event_stream.ts';
import type { StreamState } from './event_stream.ts';

interface Events {
  state: { n: number };
  end: object;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const begin = (response: ServerResponse, text: string): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(text);
};

const refuse = (response: ServerResponse, status: number, title: string): void => {
  response.writeHead(status, { 'content-type': 'application/problem+json' });
  response.end(JSON.stringify({ type: '/problems/x', title, status }));
};

/** Follows a server that gives these answers in turn, until the stream is over. */
async function follow(answers: Answer[]): Promise<{ states: StreamState[]; heard: number[]; titles: string[] }> {
  let turn = 0;
  const server = createServer((request, response) => answers[turn++]?.(request, response));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const [states, heard, titles]: [StreamState[], number[], string[]] = [[], [], []];
  await new Promise<void>((over) => {
    new EventStream<Events>(`http://127.0.0.1:${port}/`, {
      on: { state: ({ n }) => heard.push(n) },
      onState: (state, problem) => {
        states.push(state);
        titles.push(problem?.problem.title ?? '');
        if (state === 'ended' || state === 'failed') {
          over();
        }
      },
      endsWith: 'end',
    });
  });
  server.closeAllConnections();
  server.close();
  return { states, heard, titles };
}

test('a broken stream is resumed behind the last event', async () => {
  let resumedBehind: string | undefined;
  const { states, heard } = await follow([
    (_, response) => {
      begin(response, 'retry: 1\n\nid: 3-7\nevent: state\ndata: {"n":1}\n\n');
      setImmediate(() => response.destroy());
    },
    (request, response) => {
      resumedBehind = request.headers['last-event-id'] as string;
      begin(response, 'event: state\ndata: {"n":2}\n\nevent: end\ndata: {}\n\n');
    },
  ]);
  assert.equal(resumedBehind, '3-7');
  assert.deepEqual(heard, [1, 2]);
  assert.deepEqual(states, ['connecting', 'open', 'reconnecting', 'open', 'ended']);
});

test('trouble that passes is waited for', async () => {
  const { states, titles } = await follow([
    (_, response) => refuse(response, 503, 'Stopping'),
    (_, response) => begin(response, 'event: end\ndata: {}\n\n'),
  ]);
  assert.deepEqual(states, ['connecting', 'reconnecting', 'open', 'ended']);
  assert.equal(titles[1], 'Stopping');
});

test('a refusal for good is told with its problem', async () => {
  const { states, titles } = await follow([(_, response) => refuse(response, 404, 'Unknown ride')]);
  assert.deepEqual(states, ['connecting', 'failed']);
  assert.equal(titles[1], 'Unknown ride');
});
