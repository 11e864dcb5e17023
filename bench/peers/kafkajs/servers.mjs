// Where the servers are, as every process of a run is told.

import { Kafka, logLevel } from 'kafkajs';

const { KAFKA_BOOTSTRAP_SERVERS, MONGODB_URI, REDIS_URL, HAILSTORM_NAMESPACE } = process.env;

export const namespace = HAILSTORM_NAMESPACE;
export const mongodbUri = MONGODB_URI;
export const redisUrl = REDIS_URL;

export const kafka = new Kafka({
  clientId: 'tutorial',
  brokers: KAFKA_BOOTSTRAP_SERVERS.split(','),
  logLevel: logLevel.ERROR,
});
