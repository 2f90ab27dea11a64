/**
 * What is stored for a postback, and how it is read back.
 *
 * A first attempt is a stream entry with the fields v (format version), e (endpoint hash), d (the data object, verbatim): equal
 * field names in every entry let Redis store them once per block. Whatever has been attempted or moved is a *record*: one
 * line of JSON about the postback, a newline, and the data object, verbatim again. Scripts move records without opening them.
 */

export const FORMAT_VERSION = 1;

/** One attempt that has been made: when it ended (ms since the epoch), status or error class, duration in ms. */
export type PastAttempt = readonly [endedAt: number, code: number | string, durationMs: number];

/** How many past attempts travel with a postback; older ones are dropped first. */
export const HISTORY_LIMIT = 10;

export interface Postback {
  /** `<partition>-<stream id of acceptance>` */
  readonly id: string;
  readonly endpointHash: string;
  /** JSON text of the data object, byte for byte as the client sent it. */
  readonly data: string;
  /** Attempts made so far; the next one has this number plus one. */
  readonly attemptsMade: number;
  readonly history: readonly PastAttempt[];
}

/** An entry that cannot be read: written by a newer version, or by something that is not ours. */
export class EntryError extends Error {
  readonly code = 'UNREADABLE_ENTRY';
}

export function postbackId(partition: number, streamId: string): string {
  return `${partition}-${streamId}`;
}

/** When the postback was accepted, ms since the epoch, by Redis's clock. */
export function acceptedAt(id: string): number {
  return Number(id.split('-', 2)[1]);
}

/** The ids of the `count` postbacks of one request: contiguous from the first. */
export function contiguousIds(firstId: string, count: number): string[] {
  const dash = firstId.lastIndexOf('-');
  const head = firstId.slice(0, dash + 1);
  const first = Number(firstId.slice(dash + 1));
  return Array.from({ length: count }, (_, index) => `${head}${first + index}`);
}

/** Fields of a stream entry as Redis answers them: name, value, name, value … */
export function readEntry(partition: number, streamId: string, fields: readonly string[]): Postback {
  const byName = new Map<string, string>();
  for (let i = 0; i + 1 < fields.length; i += 2) byName.set(fields[i] as string, fields[i + 1] as string);
  const record = byName.get('r');
  if (record !== undefined) return decodeRecord(record);
  const endpointHash = byName.get('e');
  const data = byName.get('d');
  if (byName.get('v') !== String(FORMAT_VERSION) || endpointHash === undefined || data === undefined) {
    throw new EntryError(`stream entry ${streamId} is not of format ${FORMAT_VERSION}`);
  }
  return { id: postbackId(partition, streamId), endpointHash, data, attemptsMade: 0, history: [] };
}

export function encodeRecord(postback: Postback): string {
  const { id, endpointHash, attemptsMade, history, data } = postback;
  const about = { v: FORMAT_VERSION, i: id, e: endpointHash };
  const tried = attemptsMade > 0 ? { n: attemptsMade, a: history.slice(-HISTORY_LIMIT) } : {};
  return `${JSON.stringify({ ...about, ...tried })}\n${data}`;
}

/** @throws EntryError */
export function decodeRecord(record: string): Postback {
  const newline = record.indexOf('\n');
  const about = parseAbout(record.slice(0, newline));
  if (newline < 0 || about?.v !== FORMAT_VERSION || typeof about.i !== 'string' || typeof about.e !== 'string') {
    throw new EntryError(`record is not of format ${FORMAT_VERSION}`);
  }
  const { i: id, e: endpointHash, n: attemptsMade = 0, a: history = [] } = about;
  return { id, endpointHash, attemptsMade, history, data: record.slice(newline + 1) };
}

interface About {
  readonly v?: number;
  readonly i?: string;
  readonly e?: string;
  readonly n?: number;
  readonly a?: PastAttempt[];
}

function parseAbout(line: string): About | undefined {
  try {
    return JSON.parse(line) as About;
  } catch {
    return undefined;
  }
}
