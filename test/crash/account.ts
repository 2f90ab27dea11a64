/**
 * The accounting of one scenario: the ledger (what was sent against what arrived), the books (where Redis says everything is),
 * and the verdict. A run passes when nothing is lost, nothing unexpected arrived, every queue is empty and the books balance.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { imbalance, type Books } from '@postback/core/queue/scripts/books';
import { drain } from '../../loadtest/src/generator/drain.js';
import { balance, judge, type Ledger } from '../../loadtest/src/ledger.js';
import { preciseNow } from '../../loadtest/src/preciseClock.js';
import type { CrashStack } from './crashStack.js';
import type { Load } from './load.js';

export interface Account {
  readonly ledger: Ledger;
  readonly dead: number;
  /** From the last answer to the moment nothing was left in any queue. */
  readonly drainSeconds: number;
  readonly faults: readonly string[];
}

export interface Expectations {
  readonly dead?: number;
  readonly trimmed?: number;
  readonly drainLimitMs?: number;
}

/** Sink arrivals that come later than this after the queues are empty are not waited for. */
const QUIET_MS = 1_000;

export async function settleAccount(stack: CrashStack, load: Load, expected: Expectations = {}): Promise<Account> {
  const requests = await load.requests;
  const startedAt = performance.now();
  const books = await untilEmpty(stack, expected.drainLimitMs ?? 30_000);
  const drainSeconds = (performance.now() - startedAt) / 1_000;
  const job = { run: load.run, requests, timeoutMs: QUIET_MS };
  const { arrivals } = await drain(job, { sink: load.sink, now: preciseNow });
  await load.sink.close();
  const dead = books.dead;
  const sum = balance(requests, arrivals);
  const ledger = { ...sum, lost: sum.lost - dead }; // a dead letter is kept, with its reason
  const endpoints = await endpointKeys(stack);
  return {
    ledger,
    dead,
    drainSeconds,
    faults: [
      ...judge(ledger).faults,
      ...(ledger.lost < 0 ? ['a dead letter was delivered too'] : []),
      ...faultsOfBooks(books, expected),
      ...endpoints,
    ],
  };
}

async function untilEmpty(stack: CrashStack, limitMs: number): Promise<Books> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const books = await stack.queue.books();
    const { waiting, pending, delayed, parked } = books;
    if (waiting + pending + delayed + parked === 0 || performance.now() > deadline) return books;
    await sleep(50);
  }
}

function faultsOfBooks(books: Books, { dead = 0, trimmed = 0 }: Expectations): string[] {
  const expected: Partial<Books> = { waiting: 0, pending: 0, delayed: 0, parked: 0, dead, trimmed };
  const wrong = Object.entries(expected).filter(([name, count]) => books[name as keyof Books] !== count);
  const faults = wrong.map(([name, count]) => `${name} ${books[name as keyof Books]} instead of ${count}`);
  const off = imbalance(books);
  return off === 0 ? faults : [...faults, `the books are off by ${off}`];
}

/** Endpoints are stored as long as a postback needs them; afterwards none is left. */
async function endpointKeys({ redis, queue }: CrashStack): Promise<string[]> {
  let cursor = '0';
  let found = 0;
  do {
    const reply = await redis.send('', ['SCAN', cursor, 'MATCH', queue.keys.endpoint('*'), 'COUNT', '1000']);
    const [next, keys] = reply as [string, string[]];
    cursor = next;
    found += keys.length;
  } while (cursor !== '0');
  return found === 0 ? [] : [`${found} endpoint keys are left`];
}
