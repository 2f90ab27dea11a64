/**
 * The installation marker: a key that is made once and never deleted. If it is missing, or another one than before, while this
 * process runs, then the data set is not the one it was: it vanished (FLUSHALL, a lost disk) or was exchanged.
 */
import { randomUUID } from 'node:crypto';
import type { QueueKeys } from './keys.js';
import type { RedisSender } from './script.js';

export interface Installation {
  readonly id: string;
  /** How often a data set was found to be lost before this marker was made. */
  readonly losses: number;
}

export type InstallationCheck =
  | { readonly kind: 'same' | 'found' | 'made'; readonly installation: Installation }
  /** The data set is another one than `seen`'s. */
  | { readonly kind: 'lost'; readonly installation: Installation };

/** `seen` is what this process found the last time. A missing marker is made anew; of several processes one does so. */
export async function checkInstallation(
  redis: RedisSender,
  keys: QueueKeys,
  seen: Installation | undefined,
): Promise<InstallationCheck> {
  const stored = (await redis.send(keys.installation, ['GET', keys.installation])) as string | null;
  const found = stored === null ? undefined : readMarker(stored);
  const installation = found ?? (await make(redis, keys, seen));
  if (seen) return { kind: seen.id === installation.id ? 'same' : 'lost', installation };
  return { kind: found ? 'found' : 'made', installation };
}

async function make(redis: RedisSender, keys: QueueKeys, seen: Installation | undefined): Promise<Installation> {
  const made: Installation = { id: randomUUID(), losses: seen ? seen.losses + 1 : 0 };
  const args = ['SET', keys.installation, JSON.stringify(made), 'NX', 'GET'];
  const earlier = (await redis.send(keys.installation, args)) as string | null;
  return earlier === null ? made : readMarker(earlier);
}

/** Whatever stands there marks the data set, even if it is not ours. */
function readMarker(stored: string): Installation {
  try {
    const { id, losses } = JSON.parse(stored) as Partial<Installation>;
    return { id: id ?? stored, losses: losses ?? 0 };
  } catch {
    return { id: stored, losses: 0 };
  }
}
