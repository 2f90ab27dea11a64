/** Each alert is played: it fires when it should, alone, after the time that it waits for, and not while all is well. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { repositoryRoot } from '../../scripts/src/local/layout.js';
import { renderPage } from '../../dashboard/src/docs/renderPage.js';
import { promtool, testWithPromtool } from './scrape.js';

interface Rule {
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: { readonly severity: string };
  readonly annotations?: { readonly summary: string; readonly runbook_url: string };
}

const RULES = join(repositoryRoot, 'observability/alerts.yml');
const rules = (parse(readFileSync(RULES, 'utf8')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);
const alerts = rules.filter(({ alert }) => alert !== undefined);

/** As promtool writes series: a value per minute, `a+bxn` = a, a+b … n steps on. Everything is in order, and 10 postbacks come a second. */
const HEALTHY: Readonly<Record<string, string>> = {
  'up{job="postback-ingest",instance="i"}': '1x400',
  'up{job="postback-delivery",instance="d"}': '1x400',
  'up{job="postback-dashboard",instance="p"}': '1x400',
  'postback_ready{job="postback-delivery",instance="d"}': '1x400',
  'postback_accepted_total{job="postback-ingest"}': '0+600x400',
  'postback_http_requests_total{job="postback-ingest",route="/ingest",status="202"}': '0+600x400',
  'postback_condition{condition="fork-room"}': '1x400',
  'postback_attempts_total{outcome="delivered",code="2xx"}': '0+600x400',
  'postback_attempts_total{outcome="retry",code="5xx"}': '0+20x400',
  'postback_dead_total{reason="rejected"}': '0+2x400',
  'postback_delivery_paused{by="own-fault"}': '0x400',
  postback_entries_trimmed_total: '0x400',
  postback_data_lost_total: '0x400',
  postback_data_set_exchanged_total: '0x400',
  postback_books_delivered_total: '0+600x400',
  postback_books_unaccounted: '0x400',
  'postback_backlog{state="waiting"}': '5x400',
  postback_oldest_waiting_age_seconds: '0.1x400',
  postback_longest_broken_seconds: '600x400',
  postback_paused: '0x400',
  postback_redis_up: '1x400',
  postback_redis_used_bytes: '100x400',
  postback_redis_max_bytes: '1000x400',
  postback_redis_aof_enabled: '1x400',
  postback_redis_aof_write_ok: '1x400',
  postback_redis_aof_rewrite_ok: '1x400',
  postback_redis_disk_free_bytes: '100000x400',
};

/** What is different from the tenth minute on; `null`: the series ends. */
const CASES: readonly (readonly [
  alert: string,
  series: Readonly<Record<string, string>>,
  others?: readonly string[],
])[] = [
  ['PostbackServiceDown', { 'up{job="postback-ingest",instance="i"}': '1x9 0x400' }],
  ['PostbackServiceNotReady', { 'postback_ready{job="postback-delivery",instance="d"}': '1x9 0x400' }],
  ['PostbackNoWorker', { 'up{job="postback-delivery",instance="d"}': '1x9 0x400' }, ['PostbackServiceDown']],
  ['PostbackNoWorker', { 'up{job="postback-delivery",instance="d"}': '1x9 stale' }],
  ['PostbackNothingDelivered', { postback_books_delivered_total: '0+600x9 5400x400' }],
  ['PostbackOldestWaiting', { postback_oldest_waiting_age_seconds: '0x9 61+60x400' }],
  ['PostbackDeliveryStandsStill', { 'postback_delivery_paused{by="own-fault"}': '0x9 1x400' }],
  ['PostbackPausedLong', { postback_paused: '0x9 1x400', postback_books_delivered_total: '0+600x9 5400x400' }],
  ['PostbackDeadLetters', { 'postback_dead_total{reason="rejected"}': '0+2x9 20+60x400' }],
  ['PostbackAttemptsFail', { 'postback_attempts_total{outcome="retry",code="5xx"}': '0+20x9 200+900x400' }],
  ['PostbackBreakerOpenLong', { postback_longest_broken_seconds: '0x9 60+60x400' }],
  ['PostbackRequestsRefused', { 'postback_condition{condition="memory"}': '_x9 2x400' }],
  [
    'PostbackRequestsFail',
    { 'postback_http_requests_total{job="postback-ingest",route="/ingest",status="503"}': '0x9 0+100x400' },
  ],
  ['PostbackRedisDown', { postback_redis_up: '1x9 0x400' }],
  ['PostbackRedisMemory', { postback_redis_used_bytes: '100x9 700x400' }],
  ['PostbackAofFails', { postback_redis_aof_write_ok: '1x9 0x400' }],
  ['PostbackAofFails', { postback_redis_aof_rewrite_ok: '1x9 0x400' }],
  ['PostbackAofFails', { postback_redis_aof_enabled: '0x400' }],
  ['PostbackDiskFills', { postback_redis_disk_free_bytes: '100000x9 100000-400x240' }],
  ['PostbackDataLost', { postback_entries_trimmed_total: '0x95 1x300' }],
  ['PostbackDataLost', { postback_data_lost_total: '0x95 1x300' }],
  ['PostbackDataLost', { postback_data_set_exchanged_total: '0x95 1x300' }],
  ['PostbackBooksOff', { postback_books_unaccounted: '0x9 -1x400' }],
];

const directory = mkdtempSync(join(tmpdir(), 'alerts-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** @returns what promtool has to say if not exactly these alerts fire at that time */
function play(series: Readonly<Record<string, string>>, firing: readonly string[], at: string): Promise<string> {
  const input = Object.entries({ ...HEALTHY, ...series }).map(([name, values]) => ({ series: name, values }));
  const expected = firing.map((alertname) => ({ labels: `{alertname="${alertname}"}`, value: 1 }));
  const expr = 'count by (alertname) (ALERTS{alertstate="firing"})';
  const test = {
    interval: '1m',
    input_series: input,
    promql_expr_test: [{ expr, eval_time: at, exp_samples: expected }],
  };
  const file = join(directory, 'played.yml');
  writeFileSync(file, stringify({ rule_files: [RULES], evaluation_interval: '1m', tests: [test] }));
  return promtool(['test', 'rules', file]);
}

testWithPromtool('the rules are in order', async () => {
  expect(await promtool(['check', 'rules', RULES])).toBe('');
  expect(
    await promtool(['check', 'config', '--syntax-only', join(repositoryRoot, 'observability/prometheus.yml')]),
  ).toBe('');
});

testWithPromtool('while all is well, none fires; and who plays them would notice', async () => {
  expect(await play({}, [], '6h')).toBe('');
  expect(await play({}, ['PostbackRedisDown'], '6h')).toContain('PostbackRedisDown');
});

for (const [alert, series, others = []] of CASES) {
  testWithPromtool(`${alert} fires: ${Object.keys(series).join()}`, async () => {
    expect(await play(series, [alert, ...others].sort(), '100m')).toBe('');
  });
}

test('each alert is played, has a severity, and leads to a part of docs/operations.md', () => {
  expect([...new Set(CASES.map(([alert]) => alert))].sort()).toEqual(alerts.map(({ alert }) => alert).sort());
  const markdown = readFileSync(join(repositoryRoot, 'docs/operations.md'), 'utf8');
  const page = renderPage({ name: 'operations', markdown });
  for (const [, anchor] of markdown.matchAll(/\]\(#([^)]+)\)/g)) expect(page).toContain(`id="${anchor}"`);
  for (const { labels, annotations } of alerts) {
    expect(['critical', 'warning']).toContain(labels?.severity);
    expect(annotations?.summary).not.toBe('');
    const [url, anchor] = annotations?.runbook_url.split('#') ?? [];
    expect(url).toBe('{{ $externalLabels.postback_url }}/docs/operations');
    expect(page).toContain(`id="${anchor}"`);
  }
});
