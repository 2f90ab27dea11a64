/** The figures of all three services, read while they work on the same postbacks. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { systemClock } from '@postback/core/clock';
import { tellRiskySettings } from '@postback/core/metrics/riskySettings';
import { createRegistry } from '@postback/core/metrics/processMetrics';
import type { RedisConnection } from '@postback/core/redis';
import { eventually } from '@postback/core/testing/eventually';
import { parse } from 'yaml';
import { createApp } from '../../dashboard/src/app.js';
import { createDashboardMetrics } from '../../dashboard/src/metrics/dashboardMetrics.js';
import { setStage } from '../../dashboard/test/stage.js';
import { startHealthServer } from '../../delivery/src/health.js';
import { repositoryRoot } from '../../scripts/src/local/layout.js';
import { describedApp } from '../describedApp.js';
import { startTestStack, type TestStack } from '../testStack.js';
import { figure, promtool, samplesOf, scrape, testWithPromtool } from './scrape.js';

let stack: TestStack;
let redis: RedisConnection;
let dashboard: Server;
let delivery: Server;
let now = 0;

beforeAll(async () => {
  stack = await startTestStack({
    env: { RETRY_ATTEMPTS: '2', BREAKER_MIN_SAMPLES: '1000' },
    ingest: { readDiskFree: () => Promise.resolve(5_000_000) },
    answer: ({ url }, response) => {
      response.statusCode = Number(/\d{3}/.exec(url)?.[0]);
      response.end('said');
    },
  });
  redis = await stack.redis.connect();
  const registry = createRegistry({ service: 'dashboard', reasons: () => [] });
  const clock = { ...systemClock, monotonic: () => (now += 1_000) }; // each scrape reads anew
  const metrics = createDashboardMetrics({ registry, redis, clock });
  const { deps } = await setStage(redis);
  dashboard = createServer(describedApp(createApp({ ...deps, metrics }))).listen(0, '127.0.0.1');
  await once(dashboard, 'listening');
  tellRiskySettings(stack.deliveryMetrics, { 'ALLOWED_TARGETS with every address': true });
  const health = { version: '0', reasons: () => [], metrics: stack.deliveryMetrics };
  delivery = await startHealthServer({ host: '127.0.0.1', port: 0 }, health);
});
afterAll(async () => {
  for (const server of [dashboard, delivery]) {
    server.closeAllConnections();
    server.close();
  }
  await stack.stop();
});

const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const urls = () => ({ ingest: stack.ingest.url, delivery: urlOf(delivery), dashboard: urlOf(dashboard) });
const send = (status: number, count: number) => {
  const endpoint = { method: 'GET', url: `${stack.endpoint.origin}/${status}` };
  const body = JSON.stringify({ endpoint, data: Array.from({ length: count }, () => ({})) });
  return stack.ingest.post(body);
};

test('what was accepted, refused, attempted, delivered and buried stands in the figures, exactly', async () => {
  expect(await send(200, 5)).toMatchObject({ status: 202 });
  expect(await send(404, 2)).toMatchObject({ status: 202 });
  expect(await send(503, 1)).toMatchObject({ status: 202 });
  expect(await stack.ingest.post('{')).toMatchObject({ status: 400 });
  await stack.settled();

  const ingest = await eventually('the last answer is counted', async () => {
    const text = await scrape(urls().ingest);
    return figure(text, 'postback_http_requests_total', { route: '/ingest', status: '400' }) === 1 ? text : undefined;
  });
  expect(figure(ingest, 'postback_accepted_total')).toBe(8);
  expect(figure(ingest, 'postback_http_requests_total', { route: '/ingest', status: '202' })).toBe(3);
  expect(figure(ingest, 'postback_http_request_duration_seconds_count', { route: '/ingest' })).toBe(4);
  expect(figure(ingest, 'postback_http_problems_total', { type: 'invalid-json' })).toBe(1);
  expect(figure(ingest, 'postback_http_problems_total', { type: 'backlog-full' })).toBe(0);
  expect(figure(ingest, 'postback_redis_disk_free_bytes')).toBe(5_000_000);
  expect(figure(ingest, 'postback_ready')).toBe(1);

  const delivered = await scrape(urls().delivery);
  const attempts = (labels: Record<string, string>) => figure(delivered, 'postback_attempts_total', labels);
  expect(attempts({ outcome: 'delivered', code: '2xx' })).toBe(5);
  expect(attempts({ outcome: 'dead', code: '4xx' })).toBe(2);
  expect(attempts({ outcome: 'retry', code: '5xx' })).toBe(1);
  expect(attempts({ outcome: 'dead', code: '5xx' })).toBe(1);
  expect(figure(delivered, 'postback_attempt_duration_seconds_count', { phase: 'total' })).toBe(9);
  expect(figure(delivered, 'postback_queue_wait_seconds_count')).toBe(8);
  expect(figure(delivered, 'postback_end_to_end_seconds_count')).toBe(5);
  expect(figure(delivered, 'postback_dead_total', { reason: 'rejected' })).toBe(2);
  expect(figure(delivered, 'postback_dead_total', { reason: 'attempts-exhausted' })).toBe(1);
  expect(figure(delivered, 'postback_promoted_total')).toBe(1);
  expect(figure(delivered, 'postback_slots_busy')).toBe(0);
  expect(figure(delivered, 'postback_in_hand')).toBe(0);

  const installation = await scrape(urls().dashboard);
  expect(figure(installation, 'postback_books_accepted_total')).toBe(8);
  expect(figure(installation, 'postback_books_delivered_total')).toBe(5);
  expect(figure(installation, 'postback_backlog', { state: 'dead' })).toBe(3);
  expect(figure(installation, 'postback_books_unaccounted')).toBe(0);
  expect(figure(installation, 'postback_oldest_waiting_age_seconds')).toBe(0);
  expect(figure(installation, 'postback_redis_max_bytes')).toBe(200 * 2 ** 20);
  expect(figure(installation, 'postback_redis_aof_enabled')).toBe(1);
});

test('a pause, what waits behind it, and a broken destination are seen', async () => {
  const { queue } = stack.ingest;
  await queue.pause({ by: 'operator', reason: 'a test' });
  await queue.setBreaker('http://a:80', { to: 'open', expectedSince: 0, openMs: 60_000, reason: 'down' });
  const paused = () =>
    scrape(urls().delivery).then((text) => figure(text, 'postback_delivery_paused', { by: 'operator' }));
  await eventually('the worker has heard of the pause', async () => (await paused()) === 1, 15_000);
  await send(200, 3);
  const text = await eventually('the oldest has an age', async () => {
    const found = await scrape(urls().dashboard);
    const isOld = (name: string) => (figure(found, name) ?? 0) > 0.2;
    return isOld('postback_oldest_waiting_age_seconds') && isOld('postback_longest_broken_seconds') ? found : undefined;
  });
  expect(figure(text, 'postback_paused')).toBe(1);
  expect(figure(text, 'postback_destinations', { state: 'broken' })).toBe(1);
  expect(figure(text, 'postback_backlog', { state: 'waiting' })).toBe(3);
  await queue.resume();
  await stack.settled();
});

test.each(['ingest', 'delivery', 'dashboard'] as const)(
  '%s shows nothing to who comes through a proxy',
  async (name) => {
    const answer = await fetch(`${urls()[name]}/metrics`, { headers: { 'x-forwarded-for': '192.0.2.1' } });
    expect([answer.status, await answer.text()]).toEqual([404, expect.not.stringContaining('postback_')]);
  },
);

test('no label names an address, a postback or a destination, and the series are few', async () => {
  for (const url of Object.values(urls())) {
    const samples = samplesOf(await scrape(url));
    const texts = samples.flatMap(({ labels }) => Object.values(labels));
    expect(texts.filter((text) => /:\/\/|127\.0|\d{13}/.test(text))).toEqual([]);
    expect(samples.length).toBeLessThan(400);
  }
});

test('docs/metrics.md names every figure, and none that does not exist', async () => {
  const texts = await Promise.all(Object.values(urls()).map(scrape));
  const told = new Set([...texts.join('\n').matchAll(/^# TYPE (postback_\w+)/gm)].map(([, name]) => name));
  const page = readFileSync(join(repositoryRoot, 'docs/metrics.md'), 'utf8');
  expect([...new Set(page.match(/\bpostback_\w+/g))].sort()).toEqual([...told].sort());
});

test('alerts and the Grafana dashboard ask for figures that there are', async () => {
  const texts = await Promise.all(Object.values(urls()).map(scrape));
  const told = new Set([...texts.join('\n').matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name));
  const read = (name: string) => readFileSync(join(repositoryRoot, 'observability', name), 'utf8');
  const { panels } = JSON.parse(read('grafana/dashboards/postback.json')) as {
    panels: { targets: { expr: string }[] }[];
  };
  const shown = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join('\n');
  const { groups } = parse(read('alerts.yml')) as { groups: { rules: { expr: string }[] }[] };
  const judged = groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)).join('\n');
  const asked = new Set(`${shown}\n${judged}`.match(/\b(postback|process)_\w+/g));
  expect(asked.size).toBeGreaterThan(25);
  const isTold = (name: string) => told.has(name) || told.has(name.replace(/_(bucket|sum|count)$/, ''));
  expect([...asked].filter((name) => !isTold(name))).toEqual([]);
});

testWithPromtool('promtool finds nothing to complain about, and would', async () => {
  for (const url of Object.values(urls())) expect(await promtool(['check', 'metrics'], await scrape(url))).toBe('');
  expect(await promtool(['check', 'metrics'], '# TYPE requests counter\nrequests 1\n')).toContain('_total');
});

test('while Redis is away the dashboard says so, and nothing that it does not know', async () => {
  await stack.redis.kill();
  const text = await eventually('it is noticed', async () => {
    const found = await scrape(urls().dashboard);
    return figure(found, 'postback_redis_up') === 0 ? found : undefined;
  });
  expect(figure(text, 'postback_backlog')).toBeUndefined();
  expect(figure(text, 'postback_books_accepted_total')).toBeUndefined();
  await stack.redis.start();
  await eventually(
    'it is back',
    async () => figure(await scrape(urls().dashboard), 'postback_books_accepted_total') === 11,
  );
});
