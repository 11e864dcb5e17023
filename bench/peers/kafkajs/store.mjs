// Stores reports, either as documents in MongoDB or as positions in Redis, each as a group of its own: `each` message by
// message, `batch` a whole batch at once. Runs until it is told to stop.

import { parseArgs } from 'node:util';

import Redis from 'ioredis';
import { MongoClient } from 'mongodb';

import { kafka, mongodbUri, namespace, redisUrl } from './servers.mjs';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { topic: { type: 'string' }, group: { type: 'string' }, keep: { type: 'string' } },
});

/** Documents: `store` takes some reports at once. */
async function documents() {
  const mongodb = await MongoClient.connect(mongodbUri);
  const reports = mongodb.db(namespace).collection('driver_locations');
  return {
    store: (found) => (found.length === 1 ? reports.insertOne(found[0]) : reports.insertMany(found)),
    close: () => mongodb.close(),
  };
}

/** The newest position of each driver. */
async function positions() {
  const redis = new Redis(redisUrl);
  const key = `${namespace}:positions`;
  return {
    store: (found) => {
      const pipeline = redis.pipeline();
      for (const report of found) {
        pipeline.geoadd(key, report.lon, report.lat, String(report.driver));
      }
      return pipeline.exec();
    },
    close: () => redis.disconnect(),
  };
}

const keeper = await { documents, positions }[values.keep]();
const decoded = (message) => JSON.parse(message.value.toString());
const ways = {
  each: { eachMessage: ({ message }) => keeper.store([decoded(message)]) },
  batch: { eachBatch: ({ batch }) => keeper.store(batch.messages.map(decoded)) },
};

const consumer = kafka.consumer({ groupId: values.group });
consumer.on(consumer.events.CRASH, ({ payload }) => {
  console.error(payload.error);
  process.exit(1);
});
process.on('SIGTERM', async () => {
  await consumer.disconnect();
  await keeper.close();
  process.exit(0);
});
await consumer.connect();
await consumer.subscribe({ topic: values.topic, fromBeginning: true });
await consumer.run(ways[positionals[0]]);
