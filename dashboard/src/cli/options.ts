/** The options of the operator command, and what several commands make of them. Pure. */
import { parseArgs } from 'node:util';
import { CommandError } from './api.js';

const FILTERS = ['reason', 'host', 'reference', 'from', 'to'] as const;
const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

const OPTIONS = {
  reason: text,
  host: text,
  reference: text,
  from: text,
  to: text,
  all: flag,
  limit: text,
  json: flag,
  url: text,
  header: { type: 'string', multiple: true },
  'per-second': text,
  'no-wait': flag,
  status: flag,
  stop: text,
  destination: text,
  import: text,
} as const;

export type Options = ReturnType<typeof readOptions>['values'];

/** @throws CommandError for an option that the command does not have */
export function readOptions(args: readonly string[], allowed: readonly string[]) {
  try {
    const parsed = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    const foreign = Object.keys(parsed.values).find((name) => !allowed.includes(name));
    if (foreign !== undefined) throw new Error(`--${foreign} means nothing here`);
    return parsed;
  } catch (cause) {
    throw new CommandError((cause as Error).message, { cause });
  }
}

export const FILTER_OPTIONS: readonly string[] = FILTERS;

/** What the API calls a filter; `all` only when it was asked for. */
export function filterOf(values: Options): Record<string, unknown> {
  const given = FILTERS.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]]));
  return { ...(Object.fromEntries(given) as Record<string, string>), ...(values.all ? { all: true } : {}) };
}

/** `--header 'Name: value'`, several times. */
export function headersOf(lines: readonly string[] | undefined): Record<string, string> | undefined {
  if (!lines) return undefined;
  const pairs = lines.map((line) => {
    const colon = line.indexOf(':');
    if (colon < 1) throw new CommandError(`expected --header 'Name: value', got "${line}"`);
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
  return Object.fromEntries(pairs) as Record<string, string>;
}
