import type { Answer, Arrival, SentRequest } from '../src/ledger.js';
import { balance, judge } from '../src/ledger.js';

function sent(firstSeq: number, count: number, answer: Answer): SentRequest {
  return { firstSeq, count, dueAt: 0, answeredAt: 1, answer };
}

function accepted(firstSeq: number, count: number): SentRequest {
  return sent(firstSeq, count, {
    kind: 'accepted',
    ids: Array.from({ length: count }, (_, i) => `id-${firstSeq + i}`),
  });
}

function arrived(seq: number, ids: (string | null)[] = [`id-${seq}`]): Arrival {
  return { seq, count: ids.length, firstArrivalAt: 5, ids };
}

const CLEAN = { rejected: 0, unknown: 0, lost: 0, duplicated: 0, recovered: 0, unexpected: 0, idMismatch: 0 };

describe('balance', () => {
  it('balances a clean run', () => {
    const ledger = balance([accepted(0, 2), accepted(2, 1)], [arrived(1), arrived(0), arrived(2)]);
    expect(ledger).toMatchObject({ ...CLEAN, attempted: 3, accepted: 3, delivered: 3 });
    expect(judge(ledger)).toEqual({ passed: true, faults: [] });
  });

  it('counts what was accepted and never arrived as lost, and names it', () => {
    const ledger = balance([accepted(0, 4)], [arrived(0), arrived(3)]);
    expect(ledger).toMatchObject({ ...CLEAN, accepted: 4, delivered: 2, lost: 2 });
    expect(ledger.examples.lost).toEqual([1, 2]);
    expect(judge(ledger)).toEqual({ passed: false, faults: ['lost 2 of 4'] });
  });

  it('counts arrivals beyond the first as duplicated, which is no fault', () => {
    const ledger = balance([accepted(0, 2)], [arrived(0, ['id-0', 'id-0', 'id-0']), arrived(1)]);
    expect(ledger).toMatchObject({ ...CLEAN, delivered: 2, duplicated: 2 });
    expect(judge(ledger).passed).toBe(true);
  });

  it('keeps rejected and unknown apart, and expects nothing of them', () => {
    const requests = [accepted(0, 1), sent(1, 3, { kind: 'rejected', status: 503 })];
    requests.push(sent(4, 2, { kind: 'unknown', reason: 'ECONNRESET' }));
    const ledger = balance(requests, [arrived(0)]);
    expect(ledger).toMatchObject({ ...CLEAN, attempted: 6, accepted: 1, rejected: 3, unknown: 2, delivered: 1 });
    expect(judge(ledger).passed).toBe(true);
  });

  it('counts what arrived without having been acknowledged as recovered, not as delivered', () => {
    const requests = [accepted(0, 1), sent(1, 2, { kind: 'unknown', reason: 'ECONNRESET' })];
    requests.push(sent(3, 1, { kind: 'rejected', status: 504 }));
    const ledger = balance(requests, [arrived(0), arrived(2, ['any']), arrived(3, ['any'])]);
    expect(ledger).toMatchObject({ delivered: 1, recovered: 2, lost: 0, idMismatch: 0 });
    expect(judge(ledger).passed).toBe(true);
  });

  it('counts what was never sent as unexpected, and fails', () => {
    const ledger = balance([accepted(0, 1)], [arrived(0), arrived(7), arrived(99)]);
    expect(ledger).toMatchObject({ ...CLEAN, delivered: 1, unexpected: 2 });
    expect(ledger.examples.unexpected).toEqual([7, 99]);
    expect(judge(ledger)).toEqual({ passed: false, faults: ['unexpected 2'] });
  });

  it.each([
    ['another id', ['id-0'], 'id-0'],
    ['no id', [null], null],
    ['another id the second time', ['id-1', 'id-9'], 'id-9'],
  ])('counts a postback that arrives under %s as a mismatch, and fails', (_, ids, wrong) => {
    const ledger = balance([accepted(0, 2)], [arrived(0), arrived(1, ids)]);
    expect(ledger.idMismatch).toBe(1);
    expect(ledger.examples.idMismatch).toEqual([{ seq: 1, expected: 'id-1', arrived: wrong }]);
    expect(judge(ledger)).toEqual({ passed: false, faults: ['id mismatch 1'] });
  });

  it('counts every arrival of a 202 without ids as a mismatch', () => {
    const ledger = balance([sent(0, 2, { kind: 'accepted', ids: [] })], [arrived(0), arrived(1)]);
    expect(ledger).toMatchObject({ delivered: 2, idMismatch: 2 });
  });

  it('keeps a few examples of many faults', () => {
    const ledger = balance([accepted(0, 1_000)], []);
    expect(ledger.lost).toBe(1_000);
    expect(ledger.examples.lost).toEqual([0, 1, 2, 3, 4]);
  });
});

describe('judge', () => {
  it('fails a run in which nothing was accepted', () => {
    const ledger = balance([sent(0, 10, { kind: 'rejected', status: 503 })], []);
    expect(judge(ledger)).toEqual({ passed: false, faults: ['nothing was accepted'] });
  });

  it('names every fault', () => {
    const ledger = balance([accepted(0, 2)], [arrived(0, ['id-5']), arrived(2)]);
    expect(judge(ledger).faults).toEqual(['lost 1 of 2', 'unexpected 1', 'id mismatch 1']);
  });
});
