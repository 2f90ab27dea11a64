/** The answers of the API that the page reads, as docs/openapi.yaml describes them. Later versions may add members. */

export interface Books {
  readonly accepted: number;
  readonly delivered: number;
  readonly waiting: number;
  readonly pending: number;
  readonly delayed: number;
  readonly parked: number;
  readonly dead: number;
  readonly purged: number;
  readonly trimmed: number;
  readonly cancelled: number;
}

export interface Hold {
  readonly by?: string;
  readonly reason?: string;
  readonly since?: string;
}

export interface Worker {
  readonly name: string;
  readonly version?: string;
  readonly startedAt?: string;
  readonly seenAt: string;
  /** One that fell silent is listed for a minute. */
  readonly isAlive: boolean;
  readonly slots?: number;
  readonly busy?: number;
  readonly isReady: boolean;
  readonly reasons: readonly string[];
}

export interface RedisHealth {
  readonly isReachable: boolean;
  readonly usedBytes?: number | null;
  readonly maxBytes?: number | null;
  readonly aofEnabled?: boolean | null;
  readonly lastWriteOk?: boolean | null;
  readonly lastRewriteOk?: boolean | null;
}

export interface Recent {
  readonly seconds: number;
  readonly accepted: number;
  readonly delivered: number;
  readonly failedAttempts: number;
  readonly dead: number;
  readonly perSecond: {
    readonly accepted: number;
    readonly delivered: number;
    readonly failedAttempts: number;
    readonly dead: number;
  };
}

/** Of the figures of Redis nothing is known while it cannot be reached. */
export interface Overview {
  readonly at: string;
  readonly redis: RedisHealth;
  readonly books?: Books | null;
  readonly unaccounted?: number | null;
  readonly oldestWaitingSeconds?: number | null;
  readonly pause?: Hold | null;
  readonly drain?: Hold | null;
  readonly workers?: readonly Worker[] | null;
  readonly recent?: Recent | null;
}

export interface Percentiles {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

/** Means, none counted in another. */
export interface Phases {
  readonly queueWaitMs: number;
  readonly dnsMs: number;
  readonly connectMs: number;
  readonly firstByteMs: number;
  readonly restMs: number;
}

export interface SeriesPoint {
  readonly at: string;
  /** So many it covers: the last one has not ended. */
  readonly seconds: number;
  readonly accepted: number;
  readonly delivered: number;
  readonly failedAttempts: number;
  readonly dead: number;
  readonly endToEnd: Percentiles | null;
  readonly response: Percentiles | null;
  readonly phases: Phases | null;
}

export interface Series {
  readonly stepSeconds: number;
  readonly from: string;
  readonly to: string;
  readonly points: readonly SeriesPoint[];
}

export interface DestinationVolume {
  readonly delivered: number;
  readonly failedAttempts: number;
  readonly dead: number;
  readonly successShare: number | null;
  readonly response: { readonly p50Ms: number; readonly p99Ms: number } | null;
}

export interface Destination {
  readonly destination: string;
  readonly state: string;
  readonly parked: number;
  readonly parkedBytes: number;
  readonly oldestSeconds?: number;
  readonly heldUntil?: string;
  readonly pause?: Hold;
  readonly breaker?: {
    readonly state: string;
    readonly until: string;
    readonly reason: string;
    readonly trips: number;
  };
  readonly volume?: DestinationVolume;
}

export interface DestinationPage {
  readonly destinations: readonly Destination[];
  /** Those beyond the busiest of a minute, counted together. */
  readonly other?: DestinationVolume;
  readonly total: number;
  readonly next: string | null;
}

export interface Attempt {
  readonly postbackId: string;
  readonly reference?: string;
  readonly endedAt: string;
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly outcome: string;
  readonly code: number | string;
  readonly error?: string;
  readonly deadReason?: string;
  readonly destination: string;
  readonly method: string;
  readonly url: string;
  readonly queueWaitMs?: number;
  readonly dnsMs?: number;
  readonly connectMs?: number;
  readonly firstByteMs?: number;
  readonly responseTimeMs: number;
  readonly nextAttemptAt?: string;
  readonly responseBody?: string;
  readonly responseTruncated?: boolean;
}

/** Of one that is kept no longer only time, code and duration are known. */
export type KnownAttempt = Partial<Attempt> & Pick<Attempt, 'endedAt' | 'code' | 'responseTimeMs'>;

export interface AttemptPage {
  readonly attempts: readonly Attempt[];
  readonly next: string | null;
  readonly scanned: number;
  /** How far back the kept ones reach. */
  readonly oldest?: { readonly failed: string | null; readonly delivered: string | null };
}

export interface PostbackStatus {
  readonly id: string;
  readonly state: string;
  readonly acceptedAt: string;
  readonly reference?: string;
  readonly destination?: string;
  readonly attemptsMade: number;
  readonly nextAttemptAt?: string;
  readonly diedAt?: string;
  readonly reason?: string;
  readonly detail?: string;
  readonly attempts: readonly KnownAttempt[];
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly endpoint?: Readonly<Record<string, unknown>>;
  readonly data?: string;
}

export interface Letter {
  readonly id: string;
  readonly reason: string;
  readonly detail: string;
  readonly diedAt: string;
  readonly acceptedAt: string;
  readonly method?: string;
  readonly url?: string;
  readonly host?: string;
  readonly attemptsMade: number;
  readonly lastStatus?: number;
  readonly reference?: string;
}

export interface LetterPage {
  readonly letters: readonly Letter[];
  readonly next: string | null;
  readonly scanned: number;
}

export interface RedriveJob {
  readonly job: string;
  readonly state: string;
  readonly createdAt: string;
  readonly perSecond: number;
  readonly candidates: number;
  readonly scanned: number;
  readonly redriven: number;
  readonly gone: number;
  readonly failed: number;
  readonly failures: readonly { readonly id: string; readonly detail: string }[];
}

export interface Session {
  readonly kind: 'operator' | 'reader' | 'anyone';
  readonly expiresAt: string | null;
}

export interface Warning {
  readonly pointer: string;
  readonly detail: string;
}

export type PreviewHeader = string | { readonly secret: string } | { readonly computed: string };

export interface Preview {
  readonly postbacks: readonly {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, PreviewHeader>>;
    readonly body: string | null;
    readonly reference?: string;
  }[];
  readonly omitted: number;
  readonly timetable: {
    readonly firstAttemptAt: string;
    readonly timeoutSeconds: number;
    readonly ttlSeconds: number;
    readonly attempts: readonly {
      readonly attempt: number;
      readonly earliestSeconds: number;
      readonly latestSeconds: number;
    }[];
  };
  readonly warnings: readonly Warning[];
}

export interface Accepted {
  readonly accepted: number;
  readonly ids: readonly string[];
}
