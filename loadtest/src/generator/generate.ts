/**
 * Posts the requests. `connections` workers take the requests in order; with a rate each request has a due time that nothing
 * the system does can move, so when all workers are busy the next requests wait here and their latency keeps counting
 * (no coordinated omission). Without a rate a request is due when a worker is free: a closed loop.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, SentRequest } from '../ledger.js';
import type { PreciseClock } from '../preciseClock.js';

export interface Plan {
  readonly requests: number | null;
  readonly durationMs: number | null;
  readonly rate: number | null;
  readonly connections: number;
  readonly data: number;
  /** Of the first postback; 0 unless other requests went before. */
  readonly firstSeq?: number;
}

export interface GenerateDeps {
  readonly post: (body: string) => Promise<Answer>;
  readonly buildBody: (firstSeq: number) => string;
  readonly now: PreciseClock;
  readonly onAnswer?: () => void;
}

/** Node's timers tick once a millisecond; a request may leave half a tick early, and then counts from when it left. */
const EARLY_MS = 0.5;

/** Resolves when every request is answered or failed. In the order of seq. */
export async function generate(plan: Plan, deps: GenerateDeps): Promise<SentRequest[]> {
  const { post, buildBody, now, onAnswer } = deps;
  const startedAt = now();
  const sent: SentRequest[] = [];
  const isOver = endOf(plan, startedAt);
  let next = 0;

  const sendOne = async (index: number, dueAt: number): Promise<void> => {
    const firstSeq = (plan.firstSeq ?? 0) + index * plan.data;
    const answer = await post(buildBody(firstSeq));
    sent[index] = { firstSeq, count: plan.data, dueAt, answeredAt: now(), answer };
    onAnswer?.();
  };
  const work = async (): Promise<void> => {
    while (!isOver(next, now())) {
      const index = next++;
      const dueAt = plan.rate === null ? now() : startedAt + (index * 1_000) / plan.rate;
      await waitUntil(dueAt, now);
      await sendOne(index, Math.min(dueAt, now()));
    }
  };
  await Promise.all(Array.from({ length: plan.connections }, work));
  return sent;
}

/** How many requests the plan has; null for a closed loop over a duration, where the system decides. */
export function plannedRequests({ requests, durationMs, rate }: Plan): number | null {
  if (durationMs === null || rate === null) return requests;
  return Math.max(1, Math.round((durationMs * rate) / 1_000));
}

function endOf(plan: Plan, startedAt: number): (index: number, now: number) => boolean {
  const total = plannedRequests(plan);
  if (total !== null) return (index) => index >= total;
  const endsAt = startedAt + (plan.durationMs ?? 0);
  return (_index, now) => now >= endsAt;
}

async function waitUntil(dueAt: number, now: PreciseClock): Promise<void> {
  for (let waitMs = dueAt - now(); waitMs > EARLY_MS; waitMs = dueAt - now()) {
    await sleep(Math.max(1, Math.round(waitMs - EARLY_MS)));
  }
}
