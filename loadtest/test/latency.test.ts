import { endToEndLatencies, ingestLatencies, summarizeLatency } from '../src/latency.js';
import type { SentRequest } from '../src/ledger.js';

describe('summarizeLatency', () => {
  it('gives percentiles to three digits, in milliseconds', () => {
    const latency = summarizeLatency(Array.from({ length: 10_000 }, (_, index) => (index + 1) / 10));
    expect(latency?.count).toBe(10_000);
    expect(latency?.p50).toBeCloseTo(500, -1);
    expect(latency?.p99).toBeCloseTo(990, -1);
    expect(latency?.p999).toBeCloseTo(999, -1);
    expect(latency?.max).toBeCloseTo(1_000, -1);
  });

  it('keeps one slow value among many out of p99 and in max', () => {
    const latency = summarizeLatency([...Array<number>(999).fill(1), 2_000]);
    expect(latency?.p99).toBeCloseTo(1, 2);
    expect(latency?.max).toBeGreaterThan(1_990);
  });

  it('resolves microseconds', () => {
    expect(summarizeLatency([0.123])?.p50).toBeCloseTo(0.123, 3);
  });

  it('counts negative values as 0 and values beyond an hour as an hour', () => {
    expect(summarizeLatency([-3])?.max).toBe(0);
    expect(summarizeLatency([9e9])?.max).toBeCloseTo(3_600_000, -4);
  });

  it('is null without values', () => {
    expect(summarizeLatency([])).toBeNull();
  });
});

describe('what latency is measured of', () => {
  const requests: SentRequest[] = [
    { firstSeq: 0, count: 2, dueAt: 1_000, answeredAt: 1_004, answer: { kind: 'accepted', ids: ['a', 'b'] } },
    { firstSeq: 2, count: 2, dueAt: 1_010, answeredAt: 1_011, answer: { kind: 'rejected', status: 503 } },
    { firstSeq: 4, count: 2, dueAt: 1_020, answeredAt: 31_020, answer: { kind: 'unknown', reason: 'timeout' } },
  ];

  it('counts answers from the due time, and leaves out requests that got none', () => {
    expect(ingestLatencies(requests)).toEqual([4, 1]);
  });

  it('counts accepted postbacks from the due time of their request to their first arrival', () => {
    const arrivals = [0, 1, 3, 9].map((seq) => ({ seq, count: 1, firstArrivalAt: 1_006 + seq, ids: [] }));
    expect(endToEndLatencies(requests, arrivals)).toEqual([6, 7]);
  });
});
