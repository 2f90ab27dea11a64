/**
 * One postback, from the entry that was read to the move that ends this attempt. An endpoint that fails is a value here; only
 * a bug or a lost Redis throws.
 */
import { backoffMs } from '@postback/core/backoff';
import type { Clock } from '@postback/core/clock';
import type { DeadLetter } from '@postback/core/queue/deadLetter';
import {
  EntryError,
  firstDueAt,
  HISTORY_LIMIT,
  isPaid,
  NewerEntryError,
  type PastAttempt,
  type Postback,
} from '@postback/core/queue/entry';
import type { Held } from '@postback/core/queue/scripts/held';
import type { RawEntry } from '@postback/core/queue/scripts/read';
import { composeRequest } from '@postback/core/template/composeRequest';
import type { AttemptRecord } from './attemptRecord.js';
import { bury, buryExpired, buryUnsent, burn, letterOf, move, open, readEndpoint, type BuryDeps } from './bury.js';
import { concealSecrets } from './conceal.js';
import { decide, type Decision } from './decide.js';
import type { EndpointLookup } from './endpoints.js';
import type { Guard } from './guard.js';
import type { Answer } from './http/answerHandler.js';
import type { HttpClient, OutgoingRequest } from './http/client.js';
import { TransportError } from './http/transportError.js';
import type { Admission, Go } from './fair/admission.js';
import { isFailure } from './fair/breaker.js';
import type { Errand } from './fair/hand.js';
import type { Holds } from './fair/holds.js';
import type { Parker } from './fair/parker.js';
import { expiresAt, policyOf, type Policy } from './policy.js';
import { seal, type SealDeps, type Sealed } from './seal.js';
import type { Settler } from './settler.js';

export interface DeliverDeps extends BuryDeps {
  readonly http: HttpClient;
  readonly settler: Settler;
  /** What holds for a postback without settings of its own. */
  readonly policy: Policy;
  /** Tells people of an attempt that was made; must not throw. */
  readonly report: (attempt: AttemptRecord) => void;
  /** Whether the answer to an attempt of this outcome may be kept. */
  readonly keepsBody: (outcome: Decision['kind']) => boolean;
  readonly signingKeys: SealDeps['signingKeys'];
  readonly secrets: SealDeps['secrets'];
  /** Redis's: ages are counted from times that Redis gave. */
  readonly clock: Clock;
  /** How long delivery, or that to the destination, was paused between then and now: the time to live stands still meanwhile. */
  readonly pausedMsSince: (from: number, destination: string) => number;
  /** Whether it may go on now; until then it has no slot. */
  readonly admission: Admission;
  readonly parker: Parker;
  readonly holds: Holds;
  /** A failure that is ours costs no attempt. */
  readonly guard: Pick<Guard, 'review'>;
  /** An entry of a newer format was found; it stays pending, for a worker of the version that wrote it. */
  readonly onNewerFormat: (format: number) => void;
  /** The service is stopping, or delivery is paused: what has not been sent yet is handed back. */
  readonly isStopping: () => boolean;
}

export async function deliver(entry: RawEntry, deps: DeliverDeps, errand: Errand): Promise<void> {
  const held: Held = { stream: entry.stream, streamId: entry.streamId, consumer: deps.consumer };
  const postback = open(entry, deps.queue.keys.partition);
  if (postback instanceof NewerEntryError) return deps.onNewerFormat(postback.format);
  if (postback instanceof EntryError)
    return burn(held, entry, { reason: 'unreadable', detail: postback.message }, deps);
  const lookup = deps.endpoints.cached(postback.endpointHash) ?? (await readEndpoint(postback, deps));
  if (lookup.kind !== 'found') return buryUnsent(held, postback, lookup, deps);
  const opened = { held, postback, lookup, policy: policyOf(postback, lookup.endpoint, deps.policy) };
  const isReleased = isPaid(entry.fields);
  // Before it is let in: it would take the probe of a destination that was down for long, and send nothing.
  if (isReleased && isExpired(opened, deps)) return sendAway(opened, deps, errand);
  const pass = await deps.admission.ask(lookup.endpoint.destination, { lane: errand.lane, isReleased });
  if (pass.kind === 'park') return sendAway(opened, deps, errand);
  errand.begin();
  await takeTurn({ ...opened, pass }, deps).finally(pass.end);
}

interface Opened {
  readonly held: Held;
  readonly postback: Postback;
  readonly lookup: Extract<EndpointLookup, { kind: 'found' }>;
  readonly policy: Policy;
}

/** It may not be sent now, or would have to wait too long: it leaves without an attempt. */
function sendAway(opened: Opened, deps: DeliverDeps, errand: Errand): Promise<void> {
  const { held, postback, lookup } = opened;
  errand.leave();
  if (isExpired(opened, deps)) return buryExpired(held, postback, lookup.json, deps);
  if (deps.isStopping()) return move(deps, () => deps.queue.handBack(held, postback));
  return deps.parker.park(lookup.endpoint.destination, { held, postback });
}

/** Has a slot. */
async function takeTurn(opened: Admitted, deps: DeliverDeps): Promise<void> {
  const { held, postback, lookup } = opened;
  if (isExpired(opened, deps)) return buryExpired(held, postback, lookup.json, deps);
  const { id, data, attemptsMade } = postback;
  const built = composeRequest(lookup.endpoint, { id, data, attempt: attemptsMade + 1 });
  if (built.kind === 'unrenderable') {
    const cause = { reason: 'unrenderable', detail: built.detail } as const;
    return bury(held, letterOf(postback, lookup.json, cause), deps);
  }
  if (deps.isStopping()) return move(deps, () => deps.queue.handBack(held, postback));
  const sealed = seal(built.request, { postback, endpoint: lookup.endpoint, nowMs: deps.clock.now() }, deps);
  const job: Job = { ...opened, ...built };
  if (sealed.kind === 'secret-missing') return withhold(job, sealed.detail, deps);
  return attempt(job, sealed, deps);
}

function isExpired({ postback, policy, lookup }: Opened, deps: DeliverDeps): boolean {
  return deps.clock.now() >= endOf(postback, policy, lookup.endpoint.destination, deps);
}

interface Admitted extends Opened {
  readonly pass: Go;
}

interface Job extends Admitted {
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
  const { destination } = job.request;
  const expiresAtMs = endOf(postback, policy, destination, deps);
  const judged = decide(result, { attemptsMade, nowMs: endedAt, expiresAtMs, policy });
  const decision = await guard.review({ destination, result, decision: judged });
  report({ ...job, result, decision, maxAttempts: policy.attempts, startedAt, endedAt });
  const failed = isFailure(result, decision);
  if (failed !== undefined) job.pass.report({ tookMs: result.phases.totalMs, isFailure: failed });
  if (decision.kind === 'retry' && decision.holdMs) deps.holds.begin(destination, decision.holdMs);
  await carryOut(decision, { ...job, result, endedAt }, deps);
}

async function carryOut(
  decision: Decision,
  done: Job & { result: Answer | TransportError; endedAt: number },
  deps: DeliverDeps,
): Promise<void> {
  const { held, postback, lookup, result, endedAt } = done;
  const tried = () => withAttempt(postback, result, endedAt); // most are delivered, and need none
  switch (decision.kind) {
    case 'delivered':
      return deps.settler.delivered(held, postback.endpointHash);
    case 'retry':
      return move(deps, () => deps.queue.delay(held, { postback: tried(), delayMs: decision.delayMs }));
    case 'dead':
      return bury(held, { ...letterOf(tried(), lookup.json, decision), ...lastAnswer(result, deps) }, deps);
    case 'handed-back':
      return move(deps, () => deps.queue.handBack(held, postback));
  }
}

function endOf(postback: Postback, policy: Policy, destination: string, { pausedMsSince }: DeliverDeps): number {
  return expiresAt(postback, policy) + pausedMsSince(firstDueAt(postback), destination);
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
