/** Finding one postback, or those of a reference, among what is queued: reads only, a page at a time. */
import { queueKeys, type QueueKeys } from './keys.js';
import type { RedisSender } from './script.js';
import {
  findDelayed,
  findEntries,
  readDue,
  type FoundDelayed,
  type FoundEntries,
  type Needle,
} from './scripts/findEntry.js';

export interface Lookup {
  readonly keys: QueueKeys;
  findEntries(search: { stream: string; needle: Needle; after: string; count: number }): Promise<FoundEntries>;
  findDelayed(search: { needle: Needle; cursor: string; count: number }): Promise<FoundDelayed>;
  /** When a delayed postback is due, ms since the epoch. */
  dueAt(id: string): Promise<number | undefined>;
}

export function createLookup(redis: RedisSender, keys: QueueKeys = queueKeys(0)): Lookup {
  return {
    keys,
    findEntries: (search) => findEntries(redis, search),
    findDelayed: (search) => findDelayed(redis, keys, search),
    dueAt: (id) => readDue(redis, keys, id),
  };
}
