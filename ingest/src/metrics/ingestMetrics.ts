/** What ingest counts: its requests, the postbacks that it took, and the problems that it answered. */
import { createHttpMetrics, type HttpMetrics } from '@postback/core/metrics/httpMetrics';
import { Counter, type Registry } from 'prom-client';

export interface IngestMetrics {
  readonly registry: Registry;
  readonly http: HttpMetrics;
  /** A request was queued. */
  accepted(postbacks: number): void;
  /** A request with a known Idempotency-Key got its first answer again; nothing was queued. */
  replayed(): void;
}

/** By address; all others are `other`. */
const ROUTES: ReadonlyMap<string, string> = new Map([
  ['/ingest', '/ingest'],
  ['/ingest.php', '/ingest'],
  ['/i', '/ingest'],
  ['/ingest/preview', '/ingest/preview'],
  ['/healthz', '/healthz'],
  ['/readyz', '/readyz'],
  ['/metrics', '/metrics'],
]);

export function createIngestMetrics(registry: Registry): IngestMetrics {
  const registers = [registry];
  const accepted = new Counter({
    name: 'postback_accepted_total',
    help: 'Postbacks that were answered with 202.',
    registers,
  });
  const replays = new Counter({
    name: 'postback_replayed_requests_total',
    help: 'Requests that were answered from their Idempotency-Key.',
    registers,
  });
  return {
    registry,
    http: createHttpMetrics(registry, ({ path }) => ROUTES.get(path) ?? 'other'),
    accepted: (postbacks) => accepted.inc(postbacks),
    replayed: () => replays.inc(),
  };
}
