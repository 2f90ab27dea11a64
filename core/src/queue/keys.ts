/**
 * Every Redis name of the product, built here and nowhere else. All keys of a partition carry the hash tag `{pb:P}`, so that
 * one script can touch them all, on Redis Cluster too.
 */
export interface QueueKeys {
  /** stream, group `delivery`: first attempts, one entry per postback */
  readonly stream: string;
  /** stream, group `delivery`: postbacks whose next attempt is due now */
  readonly retries: string;
  /** zset: postback id → due time in ms (Redis TIME) */
  readonly delayed: string;
  /** hash: postback id → record (see entry.ts) */
  readonly delayedEntries: string;
  /** zset: postback id → time of death in ms */
  readonly dead: string;
  /** hash: postback id → dead letter, a self-contained JSON text */
  readonly deadEntries: string;
  /** the newest attempts, failed and delivered ones apart */
  readonly attempts: Readonly<Record<AttemptKind, AttemptKeys>>;
  /** hash: `<kind>:rows`, `<kind>:bytes` of what is kept of the attempts */
  readonly attemptsKept: string;
  /** zset: destination → when its oldest parked postback was accepted, in ms */
  readonly parked: string;
  /** hash: destination → bytes that its parked postbacks take */
  readonly parkedBytes: string;
  /** stream, without a group: what is parked for a destination (`scheme://host:port`), in the order of parking */
  parkedOf(destination: string): string;
  /** hash: `<job>:spec`, `<job>:state`, `<job>:progress` of each redrive job */
  readonly redriveJobs: string;
  /** hash: the books, changed only inside the scripts that move entries */
  readonly totals: string;
  /** hash {json, refs}: one distinct endpoint and how many postbacks still need it */
  endpoint(hash: string): string;
  /** string, TTL: Idempotency-Key → fingerprint, first stream id, count (see scripts/enqueue.ts) */
  idempotency(hash: string): string;
  /** string, TTL: what was counted in a minute since the epoch (see stats/tally.ts) */
  statsOf(minute: number | ''): string;
  /** hash, TTL: destination → the same of its attempts */
  statsTo(minute: number): string;
  /** hash, TTL: second modulo 120 → `<second> <accepted> <delivered> <failed> <dead>` */
  readonly statsRecent: string;
  /** hash, TTL: worker → `<ms> <JSON text>`, when it was heard of and what it said */
  readonly workers: string;
  /** string: marker that tells a lost data set (see installation.ts) */
  readonly installation: string;
  /** hash {since, reason, by, version}: delivery is paused, in the whole installation; absent while it runs */
  readonly pause: string;
  /** list of `<start> <end>` in ms: past pauses, the newest first */
  readonly pauses: string;
  /** hash {since, reason, by}: no request is taken; absent otherwise */
  readonly drain: string;
  /** list of `<version> <ms>`: recent deaths by poison, the newest first */
  readonly poison: string;
  /** pub/sub channel: a pause has begun or ended */
  readonly pauseChanged: string;
  /** hash: destination → JSON text of what holds for it now (see destinationState.ts); advisory */
  readonly destinations: string;
  /** hash {tokens, at}, TTL: the tokens that are left of a destination's rate */
  rateOf(destination: string): string;
  /** pub/sub channel: the name of a destination whose state has changed */
  readonly destinationsChanged: string;
  /** pub/sub channel: the earliest due time became earlier */
  readonly wake: string;
  readonly partition: number;
}

export const ATTEMPT_KINDS = ['failed', 'delivered'] as const;
export type AttemptKind = (typeof ATTEMPT_KINDS)[number];

/** Attempts are kept in blocks, since each entry of its own would cost more than what it holds (see scripts/keepAttempts.ts). */
export interface AttemptKeys {
  /** stream: one entry per block: `n` how many attempts, `b` bytes, `i` whose they are */
  readonly blocks: string;
  /** hash: id of the block's entry → its attempts, one line of JSON each */
  readonly rows: string;
}

/** The one consumer group; created at 0, so that nothing queued before it is hidden. */
export const GROUP = 'delivery';

/** `prefix` is `pb` in production; tests choose their own. */
export function queueKeys(partition: number, prefix = 'pb'): QueueKeys {
  const tag = `{${prefix}:${partition}}`;
  return {
    stream: `${tag}:stream`,
    retries: `${tag}:retries`,
    delayed: `${tag}:delayed`,
    delayedEntries: `${tag}:delayed:entries`,
    dead: `${tag}:dead`,
    deadEntries: `${tag}:dead:entries`,
    attempts: {
      failed: { blocks: `${tag}:attempts:failed`, rows: `${tag}:attempts:failed:rows` },
      delivered: { blocks: `${tag}:attempts:delivered`, rows: `${tag}:attempts:delivered:rows` },
    },
    attemptsKept: `${tag}:attempts:kept`,
    parked: `${tag}:parked`,
    parkedBytes: `${tag}:parked:bytes`,
    parkedOf: (destination) => `${tag}:parked:${destination}`,
    redriveJobs: `${tag}:redrive:jobs`,
    totals: `${tag}:totals`,
    endpoint: (hash) => `${tag}:endpoint:${hash}`,
    idempotency: (hash) => `${tag}:idem:${hash}`,
    statsOf: (minute) => `${tag}:stats:${minute}`,
    statsTo: (minute) => `${tag}:stats:${minute}:to`,
    statsRecent: `${tag}:stats:recent`,
    workers: `${tag}:workers`,
    installation: `${prefix}:installation`,
    pause: `{${prefix}}:pause`,
    pauses: `{${prefix}}:pauses`,
    drain: `{${prefix}}:drain`,
    poison: `{${prefix}}:poison`,
    pauseChanged: `${prefix}:pause:changed`,
    destinations: `{${prefix}}:destinations`,
    rateOf: (destination) => `{${prefix}}:rate:${destination}`,
    destinationsChanged: `${prefix}:destinations:changed`,
    wake: `${prefix}:wake`,
    partition,
  };
}
