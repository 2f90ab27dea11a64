import type { Arrival, SentRequest } from '../../src/ledger.js';
import { checkBound, type BoundEvidence } from '../../src/scenarios/bounds.js';
import type { Bound } from '../../src/scenarios/scenario.js';

const accepted = { kind: 'accepted', ids: [] } as const;

/** One postback per request; `latencies` of the arrivals, null for one that has not arrived. */
function evidence(group: string, parts: Readonly<Record<string, readonly (number | null)[]>>): BoundEvidence {
  const requests: SentRequest[] = [];
  const arrivals: Arrival[] = [];
  for (const [phase, latencies] of Object.entries(parts)) {
    for (const latency of latencies) {
      const seq = requests.length;
      const dueAt = 1_000_000 + seq * 1_000;
      requests.push({ firstSeq: seq, count: 1, dueAt, answeredAt: dueAt, answer: accepted, phase, group });
      if (latency !== null) arrivals.push({ seq, count: 1, firstArrivalAt: dueAt + latency, ids: [] });
    }
  }
  return { requests, arrivals, attempts: new Map([[group, 7]]) };
}

const latency: Bound = { kind: 'latency', group: 'a', phase: 'b', of: 'x', percentile: 'p99', times: 1.5, floorMs: 10 };

describe('a latency bound', () => {
  it.each([
    ['within the ratio', { x: [40, 40], b: [55, 58] }, true],
    ['beyond the ratio', { x: [40, 40], b: [55, 70] }, false],
    ['beyond the ratio, below the floor', { x: [1, 1], b: [14, 14] }, true],
    ['beyond ratio and floor', { x: [1, 1], b: [14, 16] }, false],
    ['nothing arrived', { x: [1], b: [null] }, false],
  ])('%s', (_name, parts, isKept) => {
    expect(checkBound(latency, evidence('a', parts))).toMatchObject({ isKept, unit: 'ms' });
  });
});

it('attempts beyond one per delivery are counted', () => {
  const bound = (max: number): Bound => ({ kind: 'extra-attempts', group: 'a', max });
  const seen = evidence('a', { p: [1, 1, 1, null] });
  expect(checkBound(bound(4), seen)).toMatchObject({ measured: 4, isKept: true });
  expect(checkBound(bound(3), seen)).toMatchObject({ measured: 4, isKept: false });
});

it('draining is measured from the end of the phase to the last arrival', () => {
  const bound: Bound = { kind: 'drained', group: 'a', after: 'p', withinMs: 5_000 };
  expect(checkBound(bound, evidence('a', { p: [1, 1, 4_000] }))).toMatchObject({ measured: 4_000, isKept: true });
  expect(checkBound(bound, evidence('a', { p: [1, 1, 6_000] }))).toMatchObject({ isKept: false });
});

describe('oldest first', () => {
  const bound: Bound = { kind: 'oldest-first', group: 'a', phase: 'p', slackMs: 500, maxShare: 0.25 };

  it('holds when they arrive in the order in which they were due', () => {
    expect(checkBound(bound, evidence('a', { p: [9_000, 8_100, 7_200, 6_300] }))).toMatchObject({
      measured: 0,
      isKept: true,
    });
  });

  it('is missed when the youngest come first', () => {
    const seen = checkBound(bound, evidence('a', { p: [9_000, 7_000, 5_000, 3_000] }));
    expect(seen).toMatchObject({ measured: 0.75, isKept: false });
  });

  it('is missed when nothing came', () => {
    expect(checkBound(bound, evidence('a', { p: [null] }))).toMatchObject({ isKept: false });
  });
});

it('requests that were not accepted are counted for their group', () => {
  const { requests, ...rest } = evidence('a', { p: [1, 1] });
  const refused = [
    { ...(requests[0] as SentRequest), answer: { kind: 'rejected', status: 503 } as const },
    ...requests.slice(1),
  ];
  const bound: Bound = { kind: 'refused', group: 'a', max: 0 };
  expect(checkBound(bound, { ...rest, requests })).toMatchObject({ measured: 0, isKept: true });
  expect(checkBound(bound, { ...rest, requests: refused })).toMatchObject({ measured: 1, isKept: false });
});
