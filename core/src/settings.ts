/** The kinds of setting that schemas are made of. Every parser names what it expected; none of them guesses. */
import type { Setting } from './config.js';
import { parseStatuses } from './template/statuses.js';

type Describe = { readonly description: string; readonly default?: string; readonly secret?: boolean };

function setting<T>(describe: Describe, parse: (text: string) => T): Setting<T> {
  const { description, secret } = describe;
  return { description, default: describe.default, parse, ...(secret === undefined ? {} : { secret }) };
}

export function text(describe: Describe): Setting<string> {
  return setting(describe, (value) => value);
}

/** A secret; what `parse` throws must not show it. */
export function secret<T>(describe: Omit<Describe, 'secret'>, parse: (text: string) => T): Setting<T> {
  return setting({ ...describe, secret: true }, parse);
}

/** A whole number within [min, max]. */
export function integer(describe: Describe & { readonly min: number; readonly max: number }): Setting<number> {
  const { min, max } = describe;
  return setting(describe, (value) => {
    const number = /^-?\d{1,15}$/.test(value) ? Number(value) : NaN;
    if (!(number >= min && number <= max)) {
      throw new Error(`expected a whole number from ${min} to ${max}, got "${value}"`);
    }
    return number;
  });
}

export function port(describe: Describe): Setting<number> {
  return integer({ ...describe, min: 1, max: 65_535 });
}

export function oneOf<const T extends string>(values: readonly T[], describe: Describe): Setting<T> {
  return setting(describe, (value) => {
    const match = values.find((candidate) => candidate === value);
    if (match === undefined) throw new Error(`expected one of ${values.join(', ')}, got "${value}"`);
    return match;
  });
}

/** A comma-separated list; blanks around the items and empty items are dropped. */
export function list<T = string>(describe: Describe, parseItem: (item: string) => T): Setting<readonly T[]> {
  return setting(describe, (value) =>
    value
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
      .map(parseItem),
  );
}

/** A list that may not be empty. */
export function atLeastOne<T>(what: string, { parse, ...rest }: Setting<readonly T[]>): Setting<readonly T[]> {
  return {
    ...rest,
    parse: (value) => {
      const items = parse(value);
      if (items.length === 0) throw new Error(`expected at least one ${what}`);
      return items;
    },
  };
}

/** One that may stay unset: `undefined` then, and the description says what that means. */
export function optional<T>({ parse, ...rest }: Setting<T>): Setting<T | undefined> {
  return { ...rest, default: '', parse: (value) => (value === '' ? undefined : parse(value)) };
}

/** HTTP statuses and classes of them: `2xx,302`. */
export function statuses(describe: Describe): Setting<ReadonlySet<number>> {
  return setting(describe, (value) => {
    const items = value.split(',').map((item) => item.trim());
    const found = parseStatuses(items.map((item) => (/^\d+$/.test(item) ? Number(item) : item)));
    if (!found) throw new Error(`expected a list of statuses (200 to 599) and classes (2xx to 5xx), got "${value}"`);
    return found;
  });
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `500ms`, `5s`, `2m`, `1h` or `3d` → milliseconds. */
export function parseDurationMs(value: string): number {
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(value);
  if (!match) throw new Error(`expected a duration such as 500ms, 5s, 2m, 1h or 3d, got "${value}"`);
  return Number(match[1]) * (UNIT_MS[match[2] ?? ''] ?? NaN);
}

/** A duration within [minMs, maxMs], in milliseconds. */
export function duration(describe: Describe & { readonly minMs: number; readonly maxMs: number }): Setting<number> {
  const { minMs, maxMs } = describe;
  return setting(describe, (value) => {
    const ms = parseDurationMs(value);
    if (ms < minMs || ms > maxMs) throw new Error(`expected a duration from ${minMs}ms to ${maxMs}ms, got "${value}"`);
    return ms;
  });
}

const UNIT_BYTES: Readonly<Record<string, number>> = { b: 1, kb: 2 ** 10, mb: 2 ** 20, gb: 2 ** 30, tb: 2 ** 40 };

/** `0`, `512mb`, `1gb` … → bytes. The units are Redis's: 1kb is 1,024 bytes. */
export function byteSize(describe: Describe): Setting<number> {
  return setting(describe, (value) => {
    const match = /^(\d{1,9})(b|kb|mb|gb|tb)?$/.exec(value.toLowerCase());
    if (!match) throw new Error(`expected a size such as 0, 512mb or 1gb, got "${value}"`);
    return Number(match[1]) * (UNIT_BYTES[match[2] ?? 'b'] ?? NaN);
  });
}

/** An absolute URL with one of the given schemes (`redis:`). */
export function url(schemes: readonly string[], describe: Describe): Setting<string> {
  return setting(describe, (value) => {
    const scheme = URL.canParse(value) ? new URL(value).protocol : '';
    if (!schemes.includes(scheme)) throw new Error(`expected a URL starting with ${schemes.join(' or ')}//`);
    return value;
  });
}
