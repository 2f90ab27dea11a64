/**
 * The peer that measurements are compared with: the way in, as Express and BullMQ are commonly put together. One job per data
 * object, added in bulk, with retries configured; the answer comes when Redis has them.
 */
import { Queue } from 'bullmq';
import express from 'express';
import { connectionOf, QUEUE_NAME, type PostbackJob } from './bullmqQueue.js';
import { isPeerRequest } from './render.js';

const JOB_OPTIONS = {
  attempts: 10,
  backoff: { type: 'exponential', delay: 5_000 },
  removeOnComplete: true,
  removeOnFail: { count: 100_000 },
};

function main(): void {
  const queue = new Queue<PostbackJob>(QUEUE_NAME, { connection: connectionOf(process.env) });
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag'); // nobody asks for an answer twice
  app.use(express.json({ limit: '1mb' }));
  app.get(['/healthz', '/readyz'], (_request, response) => void response.json({ status: 'ok' }));
  app.post('/ingest', async (request, response) => {
    const body: unknown = request.body;
    if (!isPeerRequest(body)) return void response.status(400).json({ error: 'expected endpoint and data' });
    const { endpoint } = body;
    const jobs = await queue.addBulk(
      body.data.map((data) => ({ name: 'postback', data: { endpoint, data }, opts: JOB_OPTIONS })),
    );
    response.status(202).json({ accepted: jobs.length, ids: jobs.map(({ id }) => id) });
  });
  app.listen(Number(process.env['INGEST_PORT']), '127.0.0.1');
}

main();
