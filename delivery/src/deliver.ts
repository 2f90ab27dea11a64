/**
 * One postback, from the entry that was read to the move that ends this attempt. An endpoint that fails is a value here; only
 * a bug or a lost Redis throws.
 */
import { backoffMs } from '@postback/core/backoff';
import type { Clock } from '@postback/core/clock';
import type { Logger } from '@postback/core/logger';
import type { DeadLetter, DeadReason } from '@postback/core/queue/deadLetter';
import {
  EntryError,
  firstDueAt,
  FORMAT_VERSION,
  HISTORY_LIMIT,
  NewerEntryError,
  readEntry,
  type PastAttempt,
  type Postback,
} from '@postback/core/queue/entry';
import type { Queue } from '@postback/core/queue/queue';
import type { Held } from '@postback/core/queue/scripts/held';
import type { RawEntry } from '@postback/core/queue/scripts/read';
import { composeRequest } from '@postback/core/template/composeRequest';
import type { AttemptRecord } from './attemptRecord.js';
import { concealSecrets } from './conceal.js';
import { decide, type Decision } from './decide.js';
import type { EndpointLookup, Endpoints } from './endpoints.js';
import type { Guard } from './guard.js';
import type { Answer } from './http/answerHandler.js';
import type { HttpClient, OutgoingRequest } from './http/client.js';
import { TransportError } from './http/transportError.js';
import { expiresAt, policyOf, type Policy } from './policy.js';
import { seal, type SealDeps, type Sealed } from './seal.js';
import type { Settler } from './settler.js';
import { untilAnswered } from './untilAnswered.js';

export interface DeliverDeps {
  readonly queue: Queue;
  readonly consumer: string;
  readonly endpoints: Endpoints;
  readonly http: HttpClient;
  readonly settler: Settler;
  /** What holds for a postback without settings of its own. */
  readonly policy: Policy;
  readonly logger: Logger;
  /** Tells people of an attempt that was made; must not throw. */
  readonly report: (attempt: AttemptRecord) => void;
  /** Whether the answer to an attempt of this outcome may be kept. */
  readonly keepsBody: (outcome: Decision['kind']) => boolean;
  readonly signingKeys: SealDeps['signingKeys'];
  readonly secrets: SealDeps['secrets'];
  /** Redis's: ages are counted from times that Redis gave. */
  readonly clock: Clock;
  /** How long delivery was paused between then and now: the time to live stands still meanwhile. */
  readonly pausedMsSince: (from: number) => number;
  /** A failure that is ours costs no attempt. */
  readonly guard: Pick<Guard, 'review'>;
  /** An entry of a newer format was found; it stays pending, for a worker of the version that wrote it. */
  readonly onNewerFormat: (format: number) => void;
  /** The service is stopping, or delivery is paused: what has not been sent yet is handed back. */
  readonly isStopping: () => boolean;
  /** Redis may be gone for good: moves are no longer repeated. */
  readonly isGivenUp: () => boolean;
}

export async function deliver(entry: RawEntry, deps: DeliverDeps): Promise<void> {
  const held: Held = { stream: entry.stream, streamId: entry.streamId, consumer: deps.consumer };
  const postback = open(entry, deps.queue.keys.partition);
  if (postback instanceof NewerEntryError) return deps.onNewerFormat(postback.format);
  if (postback instanceof EntryError)
    return burn(held, entry, { reason: 'unreadable', detail: postback.message }, deps);
  const lookup = deps.endpoints.cached(postback.endpointHash) ?? (await readEndpoint(postback, deps));
  if (lookup.kind !== 'found') return buryUnsent(held, postback, lookup, deps);
  const policy = policyOf(postback, lookup.endpoint, deps.policy);
  if (deps.clock.now() >= endOf(postback, policy, deps)) return buryExpired(held, postback, lookup, deps);
  const { id, data, attemptsMade } = postback;
  const built = composeRequest(lookup.endpoint, { id, data, attempt: attemptsMade + 1 });
  if (built.kind === 'unrenderable') {
    return bury(held, letterOf(postback, lookup.json, { reason: 'unrenderable', detail: built.detail }), deps);
  }
  if (deps.isStopping()) return move(deps, () => deps.queue.handBack(held, postback));
  const about = { postback, endpoint: lookup.endpoint, nowMs: deps.clock.now() };
  const sealed = seal(built.request, about, deps);
  const job: Job = { held, postback, lookup, policy, ...built };
  if (sealed.kind === 'secret-missing') return withhold(job, sealed.detail, deps);
  await attempt(job, sealed, deps);
}

/** Poison: handed out too often, each time the last thing its worker did. Not sent again. */
export async function buryPoison(entry: RawEntry & { deliveryCount: number }, deps: DeliverDeps): Promise<void> {
  const held: Held = { stream: entry.stream, streamId: entry.streamId, consumer: deps.consumer };
  const detail = `handed out ${entry.deliveryCount - 1} times without an outcome`;
  await burn(held, entry, { reason: 'poison', detail }, deps);
}

/** Poison that may not die now (see countPoison): it waits as if it had never been handed out, for a version that can bear it. */
export async function spare(entry: RawEntry, deps: DeliverDeps): Promise<void> {
  const postback = open(entry, deps.queue.keys.partition);
  if (postback instanceof Error) return;
  const held: Held = { stream: entry.stream, streamId: entry.streamId, consumer: deps.consumer };
  await move(deps, () => deps.queue.handBack(held, postback));
}

interface Job {
  readonly held: Held;
  readonly postback: Postback;
  readonly lookup: Extract<EndpointLookup, { kind: 'found' }>;
  readonly policy: Policy;
  readonly request: OutgoingRequest;
  readonly url: string;
}

/** Not an attempt: nothing was sent. It waits as for its third attempt, so that thousands of them do not turn in circles. */
function withhold({ held, postback, policy }: Job, detail: string, deps: DeliverDeps): Promise<void> {
  const delayMs = backoffMs(policy.scheduleMs, 2, Math.random());
  const { id, reference } = postback;
  const about = { postback_id: id, reference, error_class: 'secret-missing', error: detail };
  deps.logger.warn('postback.withheld', { ...about, next_attempt_in_ms: delayMs });
  return move(deps, () => deps.queue.delay(held, { postback, delayMs }));
}

async function attempt(job: Job, sealed: Extract<Sealed, { kind: 'ok' }>, deps: DeliverDeps): Promise<void> {
  const { http, clock, guard, report } = deps;
  const { postback, policy } = job;
  const startedAt = clock.now();
  const raw = await http.send(sealed.request, policy.timeoutMs).catch(asTransportError);
  const result = raw instanceof TransportError ? raw : concealSecrets(raw, sealed.secrets);
  const endedAt = clock.now();
  const attemptsMade = postback.attemptsMade + 1;
  const expiresAtMs = endOf(postback, policy, deps);
  const judged = decide(result, { attemptsMade, nowMs: endedAt, expiresAtMs, policy });
  const decision = await guard.review({ destination: job.request.destination, result, decision: judged });
  report({ ...job, result, decision, maxAttempts: policy.attempts, startedAt, endedAt });
  await carryOut(decision, { ...job, result, tried: withAttempt(postback, result, endedAt) }, deps);
}

async function carryOut(
  decision: Decision,
  done: Job & { result: Answer | TransportError; tried: Postback },
  deps: DeliverDeps,
): Promise<void> {
  const { held, postback, tried, lookup, result } = done;
  switch (decision.kind) {
    case 'delivered':
      return deps.settler.delivered(held, postback.endpointHash);
    case 'retry':
      return move(deps, () => deps.queue.delay(held, { postback: tried, delayMs: decision.delayMs }));
    case 'dead':
      return bury(held, { ...letterOf(tried, lookup.json, decision), ...lastAnswer(result, deps) }, deps);
    case 'handed-back':
      return move(deps, () => deps.queue.handBack(held, postback));
  }
}

function endOf(postback: Postback, policy: Policy, { pausedMsSince }: DeliverDeps): number {
  return expiresAt(postback, policy) + pausedMsSince(firstDueAt(postback));
}

function open(entry: RawEntry, partition: number): Postback | EntryError | NewerEntryError {
  try {
    return readEntry(partition, entry.streamId, entry.fields);
  } catch (error) {
    if (error instanceof EntryError || error instanceof NewerEntryError) return error;
    throw error;
  }
}

function readEndpoint(postback: Postback, { endpoints, isGivenUp }: DeliverDeps): Promise<EndpointLookup> {
  return untilAnswered(() => endpoints.read(postback.endpointHash), isGivenUp);
}

type Cause = { readonly reason: DeadReason; readonly detail: string };

function buryUnsent(held: Held, postback: Postback, lookup: EndpointLookup, deps: DeliverDeps): Promise<void> {
  const json = lookup.kind === 'unusable' ? lookup.json : null;
  const detail = lookup.kind === 'unusable' ? lookup.detail : 'its endpoint is no longer stored';
  return bury(held, letterOf(postback, json, { reason: 'unrenderable', detail }), deps);
}

function buryExpired(held: Held, postback: Postback, { json }: Job['lookup'], deps: DeliverDeps): Promise<void> {
  return bury(held, letterOf(postback, json, { reason: 'expired', detail: 'its ttl ended before the attempt' }), deps);
}

/** For entries that are not opened: the letter keeps the raw fields. */
async function burn(held: Held, entry: RawEntry, cause: Cause, deps: DeliverDeps): Promise<void> {
  const opened = open(entry, deps.queue.keys.partition);
  if (!(opened instanceof Error)) {
    const lookup = await readEndpoint(opened, deps);
    return bury(held, letterOf(opened, lookup.kind === 'missing' ? null : lookup.json, cause), deps);
  }
  const id = `${deps.queue.keys.partition}-${entry.streamId}`;
  const unknown = {
    id,
    endpointHash: hashIn(entry.fields),
    data: JSON.stringify(entry.fields),
    attemptsMade: 0,
    history: [],
  };
  return bury(held, letterOf(unknown, null, cause), deps);
}

/** The endpoint that an entry names although it cannot be read otherwise: it no longer needs it. */
function hashIn(fields: readonly string[]): string {
  const at = fields.findIndex((name, index) => index % 2 === 0 && name === 'e');
  return at < 0 ? '' : (fields[at + 1] ?? '');
}

function bury(held: Held, letter: DeadLetter, deps: DeliverDeps): Promise<void> {
  const { id, reference, reason, detail } = letter;
  deps.logger.warn('postback.died', { postback_id: id, reference, reason, detail });
  return move(deps, () => deps.queue.bury(held, letter));
}

/** Repeats the move until Redis confirms it; that the entry is no longer ours is no fault. */
async function move({ isGivenUp, logger }: DeliverDeps, operation: () => Promise<boolean>): Promise<void> {
  const isMoved = await untilAnswered(operation, isGivenUp);
  if (!isMoved) logger.debug('postback.not_ours', {});
}

function letterOf(postback: Postback, endpointJson: string | null, { reason, detail }: Cause): DeadLetter {
  return { v: FORMAT_VERSION, ...postback, reason, detail, endpointJson };
}

function withAttempt(postback: Postback, result: Answer | TransportError, endedAt: number): Postback {
  const code = result instanceof TransportError ? result.errorClass : result.status;
  const entry: PastAttempt = [endedAt, code, Math.round(result.phases.totalMs)];
  const history = [...postback.history, entry].slice(-HISTORY_LIMIT);
  return { ...postback, attemptsMade: postback.attemptsMade + 1, history };
}

function lastAnswer(
  result: Answer | TransportError,
  { keepsBody }: DeliverDeps,
): Pick<DeadLetter, 'lastStatus' | 'lastBody'> {
  if (result instanceof TransportError) return {};
  return { lastStatus: result.status, ...(keepsBody('dead') ? { lastBody: result.body } : {}) };
}

function asTransportError(error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  throw error;
}
