import { setTimeout as sleep } from 'node:timers/promises';
import { generate, plannedRequests } from '../../src/generator/generate.js';
import type { Plan } from '../../src/generator/generate.js';
import type { Answer } from '../../src/ledger.js';
import { preciseNow } from '../../src/preciseClock.js';
import { bestOfThree } from '@postback/core/testing/bestOfThree';

const PLAN: Plan = { requests: 10, durationMs: null, rate: null, connections: 2, data: 3 };
const ACCEPTED: Answer = { kind: 'accepted', ids: [] };
const deps = { post: () => Promise.resolve(ACCEPTED), buildBody: String, now: preciseNow };

describe('generate', () => {
  it('numbers postbacks without a gap, in the order of the requests', async () => {
    const bodies: string[] = [];
    const post = (body: string) => Promise.resolve(void bodies.push(body)).then(() => ACCEPTED);
    const sent = await generate(PLAN, { ...deps, post });
    expect(sent.map(({ firstSeq, count }) => [firstSeq, count])).toEqual(
      [0, 3, 6, 9, 12, 15, 18, 21, 24, 27].map((s) => [s, 3]),
    );
    expect(bodies.map(Number)).toEqual(sent.map(({ firstSeq }) => firstSeq));
  });

  it('never has more requests under way than connections', async () => {
    let underWay = 0;
    let most = 0;
    const post = async () => {
      most = Math.max(most, ++underWay);
      await sleep(2);
      underWay--;
      return ACCEPTED;
    };
    await generate({ ...PLAN, requests: 30, connections: 4 }, { ...deps, post });
    expect(most).toBe(4);
  });

  it('spaces requests by the rate, however fast the answers are', async () => {
    const sent = await generate({ ...PLAN, requests: 21, rate: 100 }, deps);
    const first = sent[0]?.dueAt ?? 0;
    for (const [index, { dueAt }] of sent.entries()) {
      expect(dueAt - first).toBeGreaterThan(index * 10 - 1);
      expect(dueAt - first).toBeLessThanOrEqual(index * 10 + 0.01);
    }
  });

  it('lets latency count from the due time while all connections are busy', async () => {
    const post = () => sleep(40).then(() => ACCEPTED);
    const sent = await generate({ ...PLAN, requests: 5, connections: 1, rate: 1_000 }, { ...deps, post });
    const latencies = sent.map(({ dueAt, answeredAt }) => answeredAt - dueAt);
    expect(latencies[4]).toBeGreaterThan(5 * 39 - 5);
    expect(latencies[0]).toBeLessThan((latencies[4] as number) - 3 * 39);
  });

  it('without a rate counts latency from the sending', async () => {
    const post = () => sleep(20).then(() => ACCEPTED);
    const longest = await bestOfThree(70, async () => {
      const sent = await generate({ ...PLAN, requests: 5, connections: 1 }, { ...deps, post });
      return Math.max(...sent.map(({ dueAt, answeredAt }) => answeredAt - dueAt));
    });
    expect(longest).toBeLessThanOrEqual(70);
  });

  it('ends a closed loop after its duration', async () => {
    const post = () => sleep(5).then(() => ACCEPTED);
    const startedAt = preciseNow();
    const sent = await generate({ ...PLAN, requests: null, durationMs: 100 }, { ...deps, post });
    expect(preciseNow() - startedAt).toBeLessThan(5_000);
    expect(sent.length).toBeGreaterThan(5);
  });
});

describe('plannedRequests', () => {
  it('follows from duration and rate', () => {
    expect(plannedRequests({ ...PLAN, requests: null, durationMs: 2_000, rate: 50 })).toBe(100);
    expect(plannedRequests(PLAN)).toBe(10);
    expect(plannedRequests({ ...PLAN, requests: null, durationMs: 2_000 })).toBeNull();
  });
});
