/** What a worker holds, asked of Redis: the most that killing it can duplicate. */
import { hostname } from 'node:os';
import { GROUP } from '@postback/core/queue/keys';
import type { CrashStack } from './crashStack.js';

export interface Consumer {
  readonly name: string;
  readonly pending: number;
}

export async function consumersOf({ redis, queue }: CrashStack): Promise<Consumer[]> {
  const replies = await Promise.all(
    [queue.keys.stream, queue.keys.retries].map((key) => redis.send(key, ['XINFO', 'CONSUMERS', key, GROUP])),
  );
  return (replies.flat() as (string | number)[][]).map((fields) => ({
    name: String(fields[fields.indexOf('name') + 1]),
    pending: Number(fields[fields.indexOf('pending') + 1]),
  }));
}

/** Entries handed to the worker with this process id and not settled yet, unconfirmed acks included. */
export async function inFlightOf(stack: CrashStack, pid: number): Promise<number> {
  const consumers = await consumersOf(stack);
  const own = consumers.filter(({ name }) => name.startsWith(`${hostname()}-${pid}-`));
  return own.reduce((sum, { pending }) => sum + pending, 0);
}
