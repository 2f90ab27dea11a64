/**
 * What is stored for a postback, and how it is read back.
 *
 * A first attempt is a stream entry with the fields v (format version), e (endpoint hash), d (the data object, verbatim): equal
 * field names in every entry let Redis store them once per block. Whatever has been attempted or moved is a *record*: one
 * line of JSON about the postback, a newline, and the data object, verbatim again. Scripts move records without opening them;
 * only whether it begins as that of an attempted postback (`ATTEMPTED_RECORD`) tells them a retry from a first attempt.
 * Settings of the postback's own and its reference, if there are any, are the field s and the member s (postbackSettings.ts).
 * What was parked and released has the field p too (scripts/release.ts). What is parked has the fields of a first attempt and its id i, its attempts made n and its history a (scripts/parkedEntry.ts).
 */
import { packExtras, unpackExtras, type Extras } from './postbackSettings.js';

/**
 * What this version writes. Readers take it and the one before, so that an upgrade can roll replica by replica and what was
 * queued before it is still delivered. A member that older readers may overlook does not raise it; anything else does: then the
 * old reader stays in FORMATS, and test/queue/formats keeps a sample of what it read.
 */
export const FORMAT_VERSION = 1;

/** One attempt that has been made: when it ended (ms since the epoch), status or error class, duration in ms. */
export type PastAttempt = readonly [endedAt: number, code: number | string, durationMs: number];

/** How many past attempts travel with a postback; older ones are dropped first. */
export const HISTORY_LIMIT = 10;

/** Lua pattern: how a record begins once an attempt has been made. */
export const ATTEMPTED_RECORD = '^{"v":%d+,"n":';

export interface Postback extends Extras {
  /** `<partition>-<stream id of acceptance>` */
  readonly id: string;
  readonly endpointHash: string;
  /** JSON text of the data object, byte for byte as the client sent it. */
  readonly data: string;
  /** Attempts made so far; the next one has this number plus one. */
  readonly attemptsMade: number;
  readonly history: readonly PastAttempt[];
}

/** An entry that nobody can read: written by something that is not ours, or by a version too old. */
export class EntryError extends Error {
  readonly code = 'UNREADABLE_ENTRY';
}

/** Written by a newer version than this one: nothing is wrong with it, it waits for a worker of that version. */
export class NewerEntryError extends Error {
  readonly code = 'NEWER_ENTRY';
  constructor(readonly format: number) {
    super(`the entry is of format ${format}, newer than ${FORMAT_VERSION}`);
  }
}

export function postbackId(partition: number, streamId: string): string {
  return `${partition}-${streamId}`;
}

/** When the postback was accepted, ms since the epoch, by Redis's clock. */
export function acceptedAt(id: string): number {
  return Number(id.split('-', 2)[1]);
}

/** When the first attempt is due: at the acceptance, unless the request said later. The ttl begins then. */
export function firstDueAt({ id, settings }: Pick<Postback, 'id' | 'settings'>): number {
  const accepted = acceptedAt(id);
  return Math.max(accepted + (settings?.delayMs ?? 0), settings?.deliverAtMs ?? 0);
}

/** The ids of the `count` postbacks of one request: contiguous from the first. */
export function contiguousIds(firstId: string, count: number): string[] {
  const dash = firstId.lastIndexOf('-');
  const head = firstId.slice(0, dash + 1);
  const first = Number(firstId.slice(dash + 1));
  return Array.from({ length: count }, (_, index) => `${head}${first + index}`);
}

/**
 * Fields of a stream entry as Redis answers them: name, value, name, value …
 * @throws EntryError, NewerEntryError
 */
export function readEntry(partition: number, streamId: string, fields: readonly string[]): Postback {
  const byName = new Map<string, string>();
  for (let i = 0; i + 1 < fields.length; i += 2) byName.set(fields[i] as string, fields[i + 1] as string);
  const record = byName.get('r');
  if (record !== undefined) return decodeRecord(record);
  const postback = formatOf(Number(byName.get('v'))).first(postbackId(partition, streamId), byName);
  if (!postback) throw new EntryError(`stream entry ${streamId} lacks what its format demands`);
  return postback;
}

/** It was parked and released: its destination's rate has been charged for it already (scripts/release.ts). */
export function isPaid(fields: readonly string[]): boolean {
  return fields[2] === 'p';
}

export function encodeRecord(postback: Postback): string {
  const { id, endpointHash, attemptsMade, history, data } = postback;
  const tried = attemptsMade > 0;
  const about = {
    v: FORMAT_VERSION,
    n: tried ? attemptsMade : undefined, // right behind v: see ATTEMPTED_RECORD
    i: id,
    e: endpointHash,
    a: tried ? history.slice(-HISTORY_LIMIT) : undefined,
    s: packExtras(postback),
  };
  return `${JSON.stringify(about)}\n${data}`;
}

/** @throws EntryError, NewerEntryError */
export function decodeRecord(record: string): Postback {
  const newline = record.indexOf('\n');
  const about = parse(record.slice(0, newline)) as About | undefined;
  if (newline < 0 || !about) throw new EntryError('the record has no head');
  const postback = formatOf(about.v).record(about, record.slice(newline + 1));
  if (!postback) throw new EntryError('the record lacks what its format demands');
  return postback;
}

/** How the entries of one format are read; `undefined` when a member is missing. */
interface Format {
  first(id: string, fields: ReadonlyMap<string, string>): Postback | undefined;
  record(about: About, data: string): Postback | undefined;
}

const FORMATS: Readonly<Record<number, Format>> = { 1: { first: readFirst, record: readRecord } };

function formatOf(version: number | undefined): Format {
  const format = version === undefined ? undefined : FORMATS[version];
  if (format) return format;
  if (Number.isSafeInteger(version) && Number(version) > FORMAT_VERSION) throw new NewerEntryError(Number(version));
  throw new EntryError(`the entry is of no format that is known (${FORMAT_VERSION} and the one before)`);
}

function readFirst(id: string, fields: ReadonlyMap<string, string>): Postback | undefined {
  const endpointHash = fields.get('e');
  const data = fields.get('d');
  if (endpointHash === undefined || data === undefined) return undefined;
  const postback = { id: fields.get('i') ?? id, endpointHash, data, ...readAttempts(fields) };
  const extras = fields.get('s');
  return extras === undefined ? postback : { ...postback, ...unpackExtras(parse(extras)) };
}

function readAttempts(fields: ReadonlyMap<string, string>): Pick<Postback, 'attemptsMade' | 'history'> {
  const attemptsMade = Number(fields.get('n') ?? 0);
  return { attemptsMade, history: attemptsMade === 0 ? [] : ((parse(fields.get('a') ?? '[]') ?? []) as PastAttempt[]) };
}

function readRecord(about: About, data: string): Postback | undefined {
  const { i: id, e: endpointHash, n: attemptsMade = 0, a: history = [], s: extras } = about;
  if (typeof id !== 'string' || typeof endpointHash !== 'string') return undefined;
  const postback = { id, endpointHash, attemptsMade, history, data };
  return extras === undefined ? postback : { ...postback, ...unpackExtras(extras) };
}

interface About {
  readonly v?: number;
  readonly i?: string;
  readonly e?: string;
  readonly n?: number;
  readonly a?: PastAttempt[];
  readonly s?: unknown;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
