// Stores reports: `each` inserts a document and writes a position for every message, `batch` does both for a whole
// batch at once. Runs until it is told to stop.

import { parseArgs } from 'node:util';

import Redis from 'ioredis';
import { MongoClient } from 'mongodb';

import { kafka, mongodbUri, namespace, redisUrl } from './servers.mjs';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { topic: { type: 'string' }, group: { type: 'string' } },
});
const mongodb = await MongoClient.connect(mongodbUri);
const reports = mongodb.db(namespace).collection('driver_locations');
const redis = new Redis(redisUrl);
const positions = `${namespace}:positions`;

async function eachMessage({ message }) {
  const report = JSON.parse(message.value.toString());
  await reports.insertOne(report);
  await redis.geoadd(positions, report.lon, report.lat, String(report.driver));
}

async function eachBatch({ batch }) {
  const found = batch.messages.map((message) => JSON.parse(message.value.toString()));
  await reports.insertMany(found);
  const pipeline = redis.pipeline();
  for (const report of found) {
    pipeline.geoadd(positions, report.lon, report.lat, String(report.driver));
  }
  await pipeline.exec();
}

const consumer = kafka.consumer({ groupId: values.group });
consumer.on(consumer.events.CRASH, ({ payload }) => {
  console.error(payload.error);
  process.exit(1);
});
process.on('SIGTERM', async () => {
  await consumer.disconnect();
  await mongodb.close();
  redis.disconnect();
  process.exit(0);
});
await consumer.connect();
await consumer.subscribe({ topic: values.topic, fromBeginning: true });
await consumer.run({ each: { eachMessage }, batch: { eachBatch } }[positionals[0]]);
