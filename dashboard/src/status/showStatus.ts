/** How a postback and its attempts are shown: times in ISO 8601, durations in ms, no secrets (REDACT). Pure. */
import { acceptedAt } from '@postback/core/queue/entry';
import type { KeptAttempt } from '@postback/core/queue/keptAttempt';
import type { Redactor } from '@postback/core/redact/redactor';
import { destinationOf } from '../dead/destination.js';
import { showEndpoint } from '../routes/showLetter.js';
import type { Place } from './findPostback.js';
import type { BareAttempt, Status } from './readStatus.js';

/** `data` is JSON text, as the client sent it: parsed, its large numbers would change. */
export function showStatus(status: Status, redactor: Redactor) {
  const { id, state, place, endpointJson, attempts } = status;
  const postback = contentOf(place);
  return {
    id,
    state,
    acceptedAt: toTime(acceptedAt(id)),
    reference: postback?.reference ?? referenceIn(attempts),
    destination: (endpointJson && destinationOf(endpointJson)) ?? destinationIn(attempts),
    attemptsMade: postback?.attemptsMade ?? attempts.length,
    ...timesOf(place),
    attempts: attempts.map((attempt) => ('id' in attempt ? showAttempt(attempt) : showBare(attempt))),
    settings: postback?.settings,
    endpoint: endpointJson ? showEndpoint(endpointJson, redactor) : undefined,
    data: postback && redactor.text(postback.data),
  };
}

/** Its URL and body were made fit to be seen before they were kept. */
export function showAttempt(attempt: KeptAttempt) {
  const { id, reference, nextInMs, totalMs, isTruncated, endedAt, ...rest } = attempt;
  return {
    postbackId: id,
    reference,
    endedAt: toTime(endedAt),
    ...rest,
    responseTimeMs: totalMs,
    nextAttemptAt: nextInMs === undefined ? undefined : toTime(endedAt + nextInMs),
    responseTruncated: isTruncated,
  };
}

function showBare({ endedAt, code, totalMs }: BareAttempt) {
  return { endedAt: toTime(endedAt), code, responseTimeMs: totalMs };
}

function contentOf(place: Place | undefined) {
  if (!place) return undefined;
  return 'buried' in place ? place.buried.letter : place.postback;
}

function timesOf(place: Place | undefined) {
  if (place?.state === 'delayed') return place.dueAt === undefined ? {} : { nextAttemptAt: toTime(place.dueAt) };
  if (!place || !('buried' in place)) return {};
  const { letter, diedAt } = place.buried;
  return { diedAt: toTime(diedAt), reason: letter.reason, detail: letter.detail };
}

function referenceIn(attempts: Status['attempts']): string | undefined {
  return attempts.flatMap((attempt) => ('id' in attempt ? [attempt.reference] : [])).at(-1);
}

function destinationIn(attempts: Status['attempts']): string | undefined {
  return attempts.flatMap((attempt) => ('id' in attempt ? [attempt.destination] : [])).at(-1);
}

function toTime(ms: number): string {
  return new Date(ms).toISOString();
}
