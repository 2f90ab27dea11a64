/** Reading what a client sent: every fault is noted with its place, and all are answered together. */
import { describeUnknown } from '@postback/core/json/nearestName';
import { jsonPointer } from '@postback/core/json/pointer';
import { Problem, type ProblemFault } from '@postback/core/problem';
import { DEAD_REASONS } from '@postback/core/queue/deadLetter';
import { parseDurationMs } from '@postback/core/settings';
import type { DeadPlace } from '@postback/core/queue/scripts/readDead';
import express, { type RequestHandler } from 'express';
import type { DeadFilter } from '../dead/filter.js';

const MAX_TEXT = 8 * 1024;
const POSTBACK_ID = /^\d{1,5}-\d{1,15}-\d{1,15}$/;

export type Members = Readonly<Record<string, unknown>>;

export interface Input {
  text(name: string): string | undefined;
  whole(name: string, range: { readonly min: number; readonly max: number }): number | undefined;
  flag(name: string): boolean;
  /** A member of another kind: `read` returns undefined when it is not what was expected. */
  other<T>(name: string, expected: string, read: (value: unknown) => T | undefined): T | undefined;
  /** @throws Problem when there were faults */
  end(): void;
}

export function inputOf(members: Members, known: readonly string[]): Input {
  const faults: ProblemFault[] = [];
  const fault = (name: string, detail: string) => void faults.push({ pointer: jsonPointer([name]), detail });
  const other: Input['other'] = (name, expected, read) => {
    const value = members[name];
    if (value === undefined) return undefined;
    const parsed = read(value);
    if (parsed === undefined) fault(name, `expected ${expected}`);
    return parsed;
  };
  for (const name of Object.keys(members)) {
    if (!known.includes(name)) fault(name, describeUnknown(name, known));
  }
  return {
    other,
    text: (name) => other(name, 'a text', (value) => (isText(value) ? value : undefined)),
    flag: (name) => other(name, 'true', (value) => (String(value) === 'true' ? true : undefined)) ?? false,
    whole: (name, { min, max }) =>
      other(name, `a whole number from ${min} to ${max}`, (value) => {
        const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
        return Number.isInteger(number) && Number(number) >= min && Number(number) <= max ? Number(number) : undefined;
      }),
    end: () => {
      const [first] = faults;
      if (!first) return;
      throw new Problem('invalid-request', {
        detail: `${first.pointer}: ${first.detail}`,
        errors: faults.slice(0, 20),
      });
    },
  };
}

export const FILTER_MEMBERS = ['reason', 'host', 'reference', 'from', 'to'] as const;

/** Times are ISO 8601, or durations back from now, such as 2h. */
export function readFilter(input: Input, now: number): DeadFilter {
  const reason = input.other('reason', `one of ${DEAD_REASONS.join(', ')}`, (value) =>
    DEAD_REASONS.find((known) => known === value),
  );
  const time = (name: string) =>
    input.other(name, 'a time (2026-01-31T12:00:00Z) or an age (2h)', (value) => readTime(value, now));
  const given = {
    reason,
    host: input.text('host'),
    reference: input.text('reference'),
    from: time('from'),
    to: time('to'),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function readTime(value: unknown, now: number): number | undefined {
  if (!isText(value)) return undefined;
  try {
    return now - parseDurationMs(value);
  } catch {
    const time = /^\d{4}-\d\d-\d\d/.test(value) ? Date.parse(value) : NaN;
    return Number.isNaN(time) ? undefined : time;
  }
}

/** A cursor is the place of the last letter that was seen. */
export function readCursor(input: Input): DeadPlace | undefined {
  return input.other('cursor', 'a cursor of an earlier answer', (value) => {
    const [, diedAt, id = ''] = /^(\d{1,16})_(.+)$/.exec(String(value)) ?? [];
    return POSTBACK_ID.test(id) ? { id, diedAt: Number(diedAt) } : undefined;
  });
}

export function cursorOf(place: DeadPlace | undefined): string | null {
  return place ? `${place.diedAt}_${place.id}` : null;
}

export function isPostbackId(value: unknown): value is string {
  return typeof value === 'string' && POSTBACK_ID.test(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT && value.isWellFormed();
}

const BODY_LIMIT = 256 * 1024;

/**
 * A body of JSON, an object; none counts as `{}`. The media type is demanded even then: a page of another site can make a browser
 * send a form here, but not JSON.
 */
export const readJson: RequestHandler[] = [
  (request, _response, next) => {
    if (/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) return next();
    throw new Problem('unsupported-media-type', { detail: 'expected Content-Type: application/json' });
  },
  express.text({ type: () => true, limit: BODY_LIMIT, inflate: false, defaultCharset: 'utf-8' }),
  (request, _response, next) => {
    request.body = parseObject(typeof request.body === 'string' ? request.body : '');
    next();
  },
];

function parseObject(text: string): Members {
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Problem('invalid-json', { detail: 'the body cannot be parsed', cause });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members;
  throw new Problem('invalid-request', { detail: 'expected an object' });
}
