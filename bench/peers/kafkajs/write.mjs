// Writes reports: `each` sends one message and waits for it before the next, `batch` sends a thousand at a time.

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { measure } from './measure.mjs';
import { kafka } from './servers.mjs';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    topic: { type: 'string' },
    records: { type: 'string' },
    reports: { type: 'string' },
    servers: { type: 'string', default: '' },
  },
});
const { size, warmUp } = { each: { size: 1, warmUp: 500 }, batch: { size: 1000, warmUp: 20000 } }[positionals[0]];
const records = Number(values.records);
const reports = readFileSync(values.reports, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line));

const producer = kafka.producer();
await producer.connect();
// Connections are there, and much of the code is compiled, when it begins to count.
await write(warmUp);
await measure(values.servers, records, () => write(records));
await producer.disconnect();

async function write(count) {
  for (let first = 0; first < count; first += size) {
    const messages = [];
    for (let number = first; number < Math.min(first + size, count); number += 1) {
      const report = reports[number % reports.length];
      messages.push({ key: String(report.driver), value: JSON.stringify(report) });
    }
    await producer.send({ topic: values.topic, messages });
  }
}
