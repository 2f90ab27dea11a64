import { WELL_BEHAVED } from '../../src/sink/behaviour.js';
import { createRuns, recordArrival } from '../../src/sink/runs.js';

function arrive(runs: ReturnType<typeof createRuns>, run: string, seq: number, at = 1): void {
  const slot = runs.attempt({ run, seq });
  if (slot) recordArrival(slot.run, slot.record, { at, postbackId: `id-${seq}` });
}

describe('createRuns', () => {
  it('keeps count, first arrival and ids per seq', () => {
    const runs = createRuns();
    arrive(runs, 'r', 4, 10);
    arrive(runs, 'r', 4, 20);
    expect(runs.find('r')).toMatchObject({ arrivals: 2, distinct: 1, lastArrivalAt: 20 });
    expect(runs.find('r')?.seqs.get(4)).toMatchObject({ count: 2, firstArrivalAt: 10, ids: ['id-4', 'id-4'] });
  });

  it('keeps a bounded number of ids of a postback that arrives without end, but counts on', () => {
    const runs = createRuns();
    for (let time = 0; time < 1_000; time++) arrive(runs, 'r', 0);
    expect(runs.find('r')?.seqs.get(0)?.count).toBe(1_000);
    expect(runs.find('r')?.seqs.get(0)?.ids).toHaveLength(16);
  });

  it('forgets the oldest run when there are too many', () => {
    const runs = createRuns({ maxRuns: 2, maxSeqs: 100 });
    for (const id of ['a', 'b', 'c']) runs.open(id, WELL_BEHAVED);
    expect([runs.find('a'), runs.find('b')?.id, runs.find('c')?.id]).toEqual([undefined, 'b', 'c']);
  });

  it('makes room for the newest run at the cost of the oldest', () => {
    const runs = createRuns({ maxRuns: 5, maxSeqs: 4 });
    for (const seq of [0, 1]) arrive(runs, 'old', seq);
    arrive(runs, 'middle', 0);
    for (const seq of [0, 1, 2]) arrive(runs, 'new', seq);
    expect(runs.find('old')).toBeUndefined();
    expect(runs.find('middle')?.distinct).toBe(1);
    expect(runs.find('new')).toMatchObject({ distinct: 3, overflow: 0 });
  });

  it('counts what a single run has no room for as overflow', () => {
    const runs = createRuns({ maxRuns: 5, maxSeqs: 3 });
    for (let seq = 0; seq < 5; seq++) arrive(runs, 'big', seq);
    arrive(runs, 'big', 0);
    expect(runs.find('big')).toMatchObject({ distinct: 3, arrivals: 4, overflow: 2 });
  });

  it('starts a run anew when it is opened again', () => {
    const runs = createRuns();
    arrive(runs, 'r', 0);
    runs.open('r', { ...WELL_BEHAVED, delayMs: 5 });
    expect(runs.find('r')).toMatchObject({ arrivals: 0, behaviour: { delayMs: 5 } });
  });
});
