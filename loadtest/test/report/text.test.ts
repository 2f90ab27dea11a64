import { parseLoadtestConfig } from '../../src/config.js';
import type { LoadOptions } from '../../src/generator/options.js';
import { parseOptions } from '../../src/generator/options.js';
import type { SentRequest } from '../../src/ledger.js';
import { buildReport } from '../../src/report/report.js';
import { describeInstrument } from '../../src/report/instrument.js';
import { renderText } from '../../src/report/text.js';

const options = parseOptions([], parseLoadtestConfig({})) as LoadOptions;
const sinkStatus = {
  arrivals: 0,
  distinct: 0,
  overflow: 0,
  failed: 0,
  dropped: 0,
  lastArrivalAt: null,
  now: 0,
  cpuMs: 0,
};
const instrument = describeInstrument(
  { generator: { count: 2, cpuMs: 9, wallMs: 10 }, sink: { count: 2, cpuMs: 1, wallMs: 10 } },
  null,
);
const requests: SentRequest[] = [
  { firstSeq: 0, count: 2, dueAt: 1_000, answeredAt: 1_100, answer: { kind: 'accepted', ids: ['a', 'b'] } },
  { firstSeq: 2, count: 1, dueAt: 1_010, answeredAt: 1_500, answer: { kind: 'unknown', reason: 'ECONNRESET' } },
];
const arrival = (seq: number, id: string, firstArrivalAt: number) => ({ seq, count: 1, firstArrivalAt, ids: [id] });
const attempts = new Map<string, number>();
const both = [arrival(0, 'a', 1_200), arrival(1, 'b', 2_000)];

describe('buildReport', () => {
  it('counts throughput over the time that was needed', () => {
    const report = buildReport({ run: 'r', options, requests, arrivals: both, sinkStatus, attempts, instrument });
    expect(report.throughput).toEqual({ acceptedPerSecond: 4, deliveredPerSecond: 2 });
    expect(report.firstRequestToLastDeliveryMs).toBe(1_000);
    expect(report.requests.answers).toEqual({ '202': 1, ECONNRESET: 1 });
    expect(report.startedAt).toBe('1970-01-01T00:00:01.000Z');
  });

  it('fails when the sink had no room', () => {
    const full = { ...sinkStatus, overflow: 3 };
    const report = buildReport({ run: 'r', options, requests, arrivals: both, sinkStatus: full, attempts, instrument });
    expect(report.verdict).toEqual({ passed: false, faults: ['the sink had no room for 3 deliveries'] });
  });
});

describe('renderText', () => {
  const ESCAPE = '\u001b';

  it('stays within 100 columns, faults and long values included', () => {
    const strange = [arrival(0, 'x'.repeat(90), 1_200), ...[7, 8, 9].map((n) => arrival(n * 1e8, 'y', 1))];
    const wide = { ...options, sinkUrl: `http://${'long-'.repeat(30)}` };
    const report = buildReport({
      run: 'r',
      options: wide,
      requests,
      arrivals: strange,
      sinkStatus,
      attempts,
      instrument,
    });
    const text = renderText(report, false);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(text.trimEnd().split('\n').at(-1)).toBe('FAIL  lost 1 of 2, unexpected 3, id mismatch 1');
  });

  it('uses colours only where asked for', () => {
    const report = buildReport({ run: 'r', options, requests, arrivals: both, sinkStatus, attempts, instrument });
    expect(renderText(report, false)).not.toContain(ESCAPE);
    expect(renderText(report, true)).toContain(ESCAPE);
  });

  it('warns when the instrument comes near its ceiling, and tells both ceilings', () => {
    const report = buildReport({ run: 'r', options, requests, arrivals: both, sinkStatus, attempts, instrument });
    const text = renderText(report, false);
    expect(text).toMatch(/WARN +the generator was busy 90 % of the time/);
    expect(text).not.toContain('the sink was busy');
    expect(text).toContain('generator busy 90 %, ceiling 222/s; sink busy 10 %, ceiling 2,000/s');
  });

  it('shows a run without any delivery', () => {
    const report = buildReport({ run: 'r', options, requests, arrivals: [], sinkStatus, attempts, instrument });
    expect(renderText(report, false)).toContain('nothing was delivered');
  });
});
