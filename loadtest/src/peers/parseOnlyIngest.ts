/**
 * The floor that the cost of ingest's checks is measured from: the same route, on the same Express, into the same queue by the same
 * script, with JSON.parse in the place of every check.
 *
 * STORES=texts makes the texts to store from the parsed values, as a route must that has nothing but JSON.parse. STORES=samples stores
 * what it made once from the first body of that length: that is JSON.parse alone.
 */
import { createHash } from 'node:crypto';
import { silentLogger } from '@postback/core/logger';
import { createQueue } from '@postback/core/queue/queue';
import type { EnqueueRequest } from '@postback/core/queue/scripts/enqueue';
import { createRedis } from '@postback/core/redis';
import express from 'express';

interface ParsedRequest {
  readonly endpoint: object;
  readonly data: readonly object[];
}

function toStore({ endpoint, data }: ParsedRequest): EnqueueRequest {
  const endpointJson = JSON.stringify(endpoint);
  const endpointHash = createHash('sha256').update(endpointJson).digest('base64url');
  return { endpointHash, endpointJson, data: data.map((object) => JSON.stringify(object)) };
}

async function main(): Promise<void> {
  const url = process.env['REDIS_URL'] ?? '';
  const redis = createRedis({ url, password: '', name: 'floor', logger: silentLogger, failFast: true });
  await redis.connect();
  const queue = createQueue(redis);
  const isSampling = process.env['STORES'] === 'samples';
  const samples = new Map<number, EnqueueRequest>();

  const read = (body: Buffer): EnqueueRequest => {
    const parsed = JSON.parse(body.toString('utf8')) as ParsedRequest;
    if (!isSampling) return toStore(parsed);
    const sample = samples.get(body.length) ?? toStore(parsed);
    samples.set(body.length, sample);
    return sample;
  };
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.get('/readyz', (_request, response) => void response.json({ status: 'ready' }));
  app.post('/ingest', express.raw({ type: () => true, limit: '1mb', inflate: false }), async (request, response) => {
    const offered = await queue.offer(read(request.body as Buffer), { maxBacklog: 5_000_000 });
    if (offered.kind !== 'accepted') return void response.status(503).end();
    response.status(202).json({ accepted: offered.ids.length, ids: offered.ids });
  });
  app.listen(Number(process.env['INGEST_PORT']), '127.0.0.1');
}

void main();
