/** The peer's way out: a BullMQ worker that sends with axios over keep-alive connections and writes a log line per attempt. */
import { createServer, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios from 'axios';
import { Worker, type Job } from 'bullmq';
import winston from 'winston';
import { connectionOf, QUEUE_NAME, type PostbackJob } from './bullmqQueue.js';
import { fillIn } from './render.js';

const CONCURRENCY = 64;
const TIMEOUT_MS = 10_000;

function main(): void {
  const logger = winston.createLogger({
    format: winston.format.json(),
    transports: [new winston.transports.Console()],
  });
  const client = axios.create({
    timeout: TIMEOUT_MS,
    maxRedirects: 0,
    maxContentLength: 65_536,
    proxy: false,
    responseType: 'text',
    httpAgent: new HttpAgent({ keepAlive: true, maxSockets: CONCURRENCY }),
    httpsAgent: new HttpsAgent({ keepAlive: true, maxSockets: CONCURRENCY }),
  });

  async function send({ id, attemptsMade, data: { endpoint, data } }: Job<PostbackJob>): Promise<void> {
    const url = fillIn(endpoint.url, data);
    const startedAt = performance.now();
    const headers = { 'Postback-Id': id ?? '' };
    const response = await client.request<string>({ method: endpoint.method, url, headers });
    logger.info('postback.attempted', {
      delivered_at: new Date().toISOString(),
      response_code: response.status,
      response_time_ms: performance.now() - startedAt,
      response_body: response.data,
      postback_id: id,
      attempt: attemptsMade + 1,
      url,
    });
  }

  const worker = new Worker<PostbackJob>(QUEUE_NAME, send, {
    connection: connectionOf(process.env),
    concurrency: CONCURRENCY,
    autorun: true,
  });
  worker.on('error', (error) => logger.error('worker.failed', { message: error.message }));
  createServer((_request, response) => response.end('ok')).listen(Number(process.env['DELIVERY_PORT']), '127.0.0.1');
}

main();
