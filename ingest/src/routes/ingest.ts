/** POST /ingest (also /ingest.php and /i): the whole request is queued, on disk, before the 202; or nothing is. */
import { addLogFields, logFieldsOf } from '@postback/core/http';
import type { Logger } from '@postback/core/logger';
import { Problem } from '@postback/core/problem';
import type { Queue } from '@postback/core/queue/queue';
import type { EnqueueRequest, OfferTerms } from '@postback/core/queue/scripts/enqueue';
import type { StatsRecorder } from '@postback/core/stats/recorder';
import { readTraceContext, traceIdOf } from '@postback/core/traceContext';
import express, { type Request, type Response, type Router } from 'express';
import { admissionOf } from '../access/requireApiKey.js';
import type { IngestMetrics } from '../metrics/ingestMetrics.js';
import { readIdempotency } from '../idempotency.js';
import { readRequest, type CheckedRequest, type RequestReaders } from '../readRequest.js';
import { refusal, refusalOf } from '../refusals.js';
import type { Condition } from '../watch/conditions.js';
import { withinDeadline } from '@postback/core/withinDeadline';
import { bodyOf, readJsonBody, refuseMethod } from './jsonBody.js';

export interface IngestDeps extends RequestReaders {
  readonly queue: Pick<Queue, 'offer'>;
  readonly logger: Logger;
  readonly stats: Pick<StatsRecorder, 'accepted'>;
  readonly maxBodyBytes: number;
  readonly enqueueTimeoutMs: number;
  readonly maxBacklog: number;
  readonly idempotencyTtlMs: number;
  /** What may be parked for one destination, in bytes; `undefined` = as much as for all. */
  readonly destinationQuotaBytes: () => number | undefined;
  /** What keeps Redis from keeping a promise now; while one with a `refusal` holds, no request is taken. */
  readonly conditions: () => readonly Condition[];
  readonly metrics: Pick<IngestMetrics, 'accepted' | 'replayed'>;
}

export const INGEST_PATHS = ['/ingest', '/ingest.php', '/i'];

export function ingestRouter(deps: IngestDeps): Router {
  const router = express.Router({ strict: true, caseSensitive: true });
  router.post(INGEST_PATHS, ...readJsonBody(deps.maxBodyBytes), (request, response) => accept(request, response, deps));
  router.all(INGEST_PATHS, refuseMethod);
  return router;
}

async function accept(request: Request, response: Response, deps: IngestDeps): Promise<void> {
  const [reason] = deps.conditions().filter(({ refusal }) => refusal);
  if (reason?.refusal) throw refusal(reason.refusal, reason.detail);
  const body = bodyOf(request);
  const postbacks = withTrace(readRequest(body, deps), request, response);
  const key = request.get('Idempotency-Key');
  const admission = admissionOf(response);
  const idempotency = readIdempotency({ key, scope: admission.keyName, body, ttlMs: deps.idempotencyTtlMs });
  const maxBytes = deps.destinationQuotaBytes();
  const { destination } = postbacks.endpoint;
  const quota = maxBytes === undefined ? undefined : { destination, maxBytes };
  const terms = { maxBacklog: deps.maxBacklog, ...(idempotency && { idempotency }), ...(quota && { quota }) };
  const giveBack = admission.charge(postbacks.data.length);
  const { ids, isReplay } = await offer(postbacks, terms, deps).catch((error: unknown) => {
    giveBack();
    throw error;
  });
  if (isReplay) giveBack();
  if (isReplay) deps.metrics.replayed();
  else {
    deps.metrics.accepted(ids.length);
    deps.stats.accepted(ids.length);
  }
  const about = { count: ids.length, first_id: ids[0], is_replay: isReplay };
  deps.logger.debug('request.accepted', { ...logFieldsOf(response), ...about });
  if (isReplay) response.set('Idempotent-Replayed', 'true');
  response.status(202).json({ accepted: ids.length, ids });
}

function withTrace(postbacks: CheckedRequest, request: Request, response: Response): CheckedRequest {
  const trace = readTraceContext(request.headers);
  if (!trace) return postbacks;
  addLogFields(response, { trace_id: traceIdOf(trace.traceparent) });
  return { ...postbacks, settings: { ...postbacks.settings, ...trace } };
}

async function offer(postbacks: EnqueueRequest, terms: OfferTerms, deps: IngestDeps) {
  const offering = withinDeadline(deps.queue.offer(postbacks, terms), deps.enqueueTimeoutMs);
  const offered = await offering.catch((error: unknown) => {
    throw refusalOf(error);
  });
  switch (offered.kind) {
    case 'accepted':
      return offered;
    case 'backlog-full':
      throw refusal('backlog-full', `${offered.backlog} postbacks are waiting and MAX_BACKLOG is ${deps.maxBacklog}`);
    case 'destination-full':
      throw refusal('destination-backlog-full', describeQuota(offered.parkedBytes, terms));
    case 'idempotency-mismatch':
      throw new Problem('idempotency-mismatch', { detail: 'this Idempotency-Key came with another body before' });
  }
}

function describeQuota(parkedBytes: number, { quota }: OfferTerms): string {
  const mib = (bytes = 0) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  return `${mib(parkedBytes)} wait for ${quota?.destination}, and DESTINATION_MAX_BACKLOG allows ${mib(quota?.maxBytes)}`;
}
