/** The command line of the load test. Every fault is a UsageError with one line that names the option. */
import { parseArgs } from 'node:util';
import type { LoadtestConfig } from '../config.js';
import { durationMs, httpUrl, method, path, positive, share, UsageError, whole } from './optionKinds.js';
import type { Method } from './optionKinds.js';

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
  readonly sinkBehaviour: SinkBehaviourOptions;
}

const OPTIONS = {
  requests: { type: 'string' },
  duration: { type: 'string' },
  data: { type: 'string', default: '10' },
  rate: { type: 'string' },
  connections: { type: 'string', default: '32' },
  method: { type: 'string', default: 'GET' },
  url: { type: 'string' },
  path: { type: 'string', default: '/ingest' },
  'sink-url': { type: 'string' },
  'sink-control-url': { type: 'string' },
  'drain-timeout': { type: 'string', default: '60s' },
  json: { type: 'string' },
  'api-key': { type: 'string' },
  'sink-drop': { type: 'string', default: '0%' },
  'sink-duplicate': { type: 'string', default: '0%' },
  'sink-delay': { type: 'string', default: '0ms' },
  help: { type: 'boolean', default: false },
} as const;

/** `'help'` when that was asked for. @throws UsageError */
export function parseOptions(args: readonly string[], config: LoadtestConfig): LoadOptions | 'help' {
  const values = readArguments(args);
  if (values.help) return 'help';
  return {
    ...length(values),
    data: whole('--data', values.data, 1_000),
    rate: values.rate === undefined ? null : positive('--rate', values.rate),
    connections: whole('--connections', values.connections, 10_000),
    method: method('--method', values.method),
    ...addresses(values, config),
    drainTimeoutMs: durationMs('--drain-timeout', values['drain-timeout']),
    apiKey: values['api-key'] ?? config.INGEST_API_KEY,
    jsonFile: values.json ?? null,
    sinkBehaviour: sinkBehaviour(values),
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
