/** The command line of the load test. Every fault is a UsageError with one line that names the option. */
import { parseArgs } from 'node:util';
import type { LoadtestConfig } from '../config.js';
import { count, durationMs, httpUrl, method, path, positive, share, UsageError, whole } from './optionKinds.js';
import type { Method } from './optionKinds.js';
import type { Thresholds } from '../report/findings.js';
import type { Scenario } from '../scenarios/scenario.js';
import { findScenario } from '../scenarios/scenarios.js';

export interface SinkBehaviourOptions {
  /** Shares from 0 to 1. */
  readonly dropShare: number;
  readonly duplicateShare: number;
  readonly delayMs: number;
}

export interface LoadOptions {
  /** Null when `durationMs` bounds the run. */
  readonly requests: number | null;
  readonly durationMs: number | null;
  /** Data objects, and so postbacks, per request. */
  readonly data: number;
  /** Length of each data object; null: as short as it goes, some 110 bytes. */
  readonly objectBytes: number | null;
  /** Distinct endpoints that the requests take in turn. */
  readonly endpoints: number;
  /** Distinct hosts that they lead to, as names that only the sink resolves; 1: the sink by its address. */
  readonly hosts: number;
  /** Requests per second, fixed (open model); null: as fast as the connections allow (closed loop). */
  readonly rate: number | null;
  readonly connections: number;
  readonly method: Method;
  /** Where requests go: base URL and path in one. */
  readonly targetUrl: string;
  readonly sinkUrl: string;
  readonly sinkControlUrl: string;
  readonly drainTimeoutMs: number;
  readonly apiKey: string;
  readonly jsonFile: string | null;
  /** One file that opens in a browser. */
  readonly htmlFile: string | null;
  /** The chart of latency over time. */
  readonly svgFile: string | null;
  readonly sinkBehaviour: SinkBehaviourOptions;
  /** Decides requests, rate and the behaviour of the sink instead of the options for these. */
  readonly scenario: Scenario | null;
  readonly thresholds: Thresholds;
  /** Measure first what generator and sink can do with nothing between. */
  readonly ceiling: boolean;
}

/** Each gets about as many requests as the others. */
const HOSTS_LIMIT = 10_000;

const OPTIONS = {
  requests: { type: 'string' },
  duration: { type: 'string' },
  data: { type: 'string', default: '10' },
  'object-bytes': { type: 'string' },
  endpoints: { type: 'string', default: '1' },
  hosts: { type: 'string', default: '1' },
  rate: { type: 'string' },
  connections: { type: 'string', default: '32' },
  method: { type: 'string', default: 'GET' },
  url: { type: 'string' },
  path: { type: 'string', default: '/ingest' },
  'sink-url': { type: 'string' },
  'sink-control-url': { type: 'string' },
  'drain-timeout': { type: 'string' },
  json: { type: 'string' },
  'api-key': { type: 'string' },
  'sink-drop': { type: 'string', default: '0%' },
  'sink-duplicate': { type: 'string', default: '0%' },
  'sink-delay': { type: 'string', default: '0ms' },
  html: { type: 'string' },
  svg: { type: 'string' },
  scenario: { type: 'string' },
  list: { type: 'boolean', default: false },
  ceiling: { type: 'boolean', default: false },
  'max-p50': { type: 'string' },
  'max-p99': { type: 'string' },
  'max-ingest-p99': { type: 'string' },
  'max-lost': { type: 'string' },
  'max-duplicated': { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

/** What a scenario decides itself. */
const DECIDED_BY_SCENARIO = [
  'requests',
  'duration',
  'rate',
  'sink-drop',
  'sink-duplicate',
  'sink-delay',
  'data',
  'hosts',
  'endpoints',
  'object-bytes',
];

/** `'help'` or `'list'` when that was asked for. @throws UsageError */
export function parseOptions(args: readonly string[], config: LoadtestConfig): LoadOptions | 'help' | 'list' {
  const values = readArguments(args);
  if (values.help) return 'help';
  if (values.list) return 'list';
  const scenario = scenarioOf(values, args);
  const places = addresses(values, config);
  if (scenario?.resolver === 'sink') requireSinkAsResolver('--scenario', places.sinkUrl, config);
  return {
    ...length(values),
    data: scenario?.data ?? whole('--data', values.data, 1_000),
    objectBytes: objectBytes(values),
    endpoints: whole('--endpoints', values.endpoints, 100_000),
    hosts: hosts(values, places.sinkUrl, config),
    rate: rate(values),
    connections: whole('--connections', values.connections, 10_000),
    method: method('--method', values.method),
    ...places,
    drainTimeoutMs: drainTimeout(values, scenario),
    apiKey: values['api-key'] ?? config.INGEST_API_KEY,
    jsonFile: values.json ?? null,
    htmlFile: values.html ?? null,
    svgFile: values.svg ?? null,
    sinkBehaviour: sinkBehaviour(values),
    scenario,
    thresholds: thresholds(values),
    ceiling: values.ceiling,
  };
}

type Values = ReturnType<typeof readArguments>;

function readArguments(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const [firstSentence = 'cannot be read'] = (error as Error).message.split(/\. |\n/);
    throw new UsageError(firstSentence, { cause: error });
  }
}

function length({ requests, duration }: Values): Pick<LoadOptions, 'requests' | 'durationMs'> {
  if (duration === undefined)
    return { requests: whole('--requests', requests ?? '1000', 10_000_000), durationMs: null };
  if (requests !== undefined) throw new UsageError('--requests and --duration exclude each other: give one of them');
  return { requests: null, durationMs: durationMs('--duration', duration) };
}

function addresses(
  values: Values,
  config: LoadtestConfig,
): Pick<LoadOptions, 'targetUrl' | 'sinkUrl' | 'sinkControlUrl'> {
  const sinkUrl = httpUrl('--sink-url', values['sink-url'] ?? config.SINK_URL);
  const controlUrl = (values['sink-control-url'] ?? config.SINK_CONTROL_URL) || sinkUrl;
  return {
    targetUrl: httpUrl('--url', values.url ?? config.TARGET_URL) + path('--path', values.path),
    sinkUrl,
    sinkControlUrl: httpUrl('--sink-control-url', controlUrl),
  };
}

function sinkBehaviour(values: Values): SinkBehaviourOptions {
  const dropShare = share('--sink-drop', values['sink-drop']);
  const duplicateShare = share('--sink-duplicate', values['sink-duplicate']);
  if (dropShare + duplicateShare > 1) throw new UsageError('--sink-drop and --sink-duplicate together exceed 100%');
  return { dropShare, duplicateShare, delayMs: durationMs('--sink-delay', values['sink-delay']) };
}

function scenarioOf({ scenario: name }: Values, args: readonly string[]): Scenario | null {
  if (name === undefined) return null;
  const scenario = findScenario(name);
  if (!scenario) throw new UsageError(`--scenario: there is no "${name}"; --list shows them`);
  const decided = DECIDED_BY_SCENARIO.find((option) => args.some((arg) => arg.replace(/=.*/, '') === `--${option}`));
  if (decided !== undefined)
    throw new UsageError(`--${decided} and --scenario exclude each other: the scenario decides it`);
  return scenario;
}

function hosts(values: Values, sinkUrl: string, config: LoadtestConfig): number {
  const given = whole('--hosts', values.hosts, HOSTS_LIMIT);
  if (given > 1) requireSinkAsResolver('--hosts', sinkUrl, config);
  return given;
}

function rate(values: Values): number | null {
  return values.rate === undefined ? null : positive('--rate', values.rate);
}

function objectBytes(values: Values): number | null {
  const given = values['object-bytes'];
  return given === undefined ? null : whole('--object-bytes', given, 500_000);
}

function drainTimeout(values: Values, scenario: Scenario | null): number {
  const given = values['drain-timeout'];
  return given === undefined ? (scenario?.drainTimeoutMs ?? 60_000) : durationMs('--drain-timeout', given);
}

function thresholds(values: Values): Thresholds {
  const ms = (name: 'max-p50' | 'max-p99' | 'max-ingest-p99') =>
    values[name] === undefined ? null : durationMs(`--${name}`, values[name]);
  const postbacks = (name: 'max-lost' | 'max-duplicated') =>
    values[name] === undefined ? null : count(`--${name}`, values[name]);
  return {
    p50Ms: ms('max-p50'),
    p99Ms: ms('max-p99'),
    ingestP99Ms: ms('max-ingest-p99'),
    lost: postbacks('max-lost'),
    duplicated: postbacks('max-duplicated'),
  };
}

/** Otherwise names that exist nowhere would be asked of a real resolver. */
function requireSinkAsResolver(option: string, sinkUrl: string, { STACK_DNS_SERVERS }: LoadtestConfig): void {
  const { host, hostname } = new URL(sinkUrl);
  if (hostname === '127.0.0.1' && STACK_DNS_SERVERS === host) return;
  throw new UsageError(
    `${option}: this needs a local stack whose resolver is the sink: make up ENGINE=local DNS_SERVERS=${host}`,
  );
}
