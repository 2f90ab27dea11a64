/**
 * The ledger: what was sent against what arrived, one postback at a time, after the accounting of Jepsen's queue workload.
 * Pure; everything the verdict rests on is here.
 */
export type Answer =
  /** 202: the system promised to deliver. `ids` in the order of the data objects. */
  | { readonly kind: 'accepted'; readonly ids: readonly string[] }
  /** `type`: the last part of the problem's type, such as `backlog-full`, where the answer is a problem. */
  | { readonly kind: 'rejected'; readonly status: number; readonly type?: string }
  /** No answer: network error or timeout. The system may have kept the request or not. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** One ingest request, with the postbacks `firstSeq` … `firstSeq + count - 1`. Times: ms since the epoch. */
export interface SentRequest {
  readonly firstSeq: number;
  readonly count: number;
  /** When it should have left (open model) or did leave (closed loop); latency counts from here. */
  readonly dueAt: number;
  readonly answeredAt: number;
  readonly answer: Answer;
  /** In a scenario: the phase that it belongs to, and the group of destinations that it went to. */
  readonly phase?: string;
  readonly group?: string;
}

/** What the sink recorded for one seq of the run. */
export interface Arrival {
  readonly seq: number;
  readonly count: number;
  readonly firstArrivalAt: number;
  /** The Postback-Id of each arrival (the first few), null without one. */
  readonly ids: readonly (string | null)[];
}

export interface IdMismatch {
  readonly seq: number;
  readonly expected: string | null;
  readonly arrived: string | null;
}

/** Counts of postbacks. attempted = accepted + rejected + unknown; accepted = delivered + lost. */
export interface Ledger {
  readonly attempted: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly unknown: number;
  /** Accepted, and arrived at least once. */
  readonly delivered: number;
  /** Accepted, never arrived. */
  readonly lost: number;
  /** Arrivals beyond the first of each postback. */
  readonly duplicated: number;
  /** Not acknowledged as accepted, yet arrived: no fault, but worth knowing. */
  readonly recovered: number;
  /** Arrived, never sent. */
  readonly unexpected: number;
  /** Accepted postbacks that arrived at least once with another Postback-Id than the one ingest returned. */
  readonly idMismatch: number;
  /** The first few of each kind of fault. */
  readonly examples: {
    readonly lost: readonly number[];
    readonly unexpected: readonly number[];
    readonly idMismatch: readonly IdMismatch[];
  };
}

const EXAMPLES = 5;

export function balance(requests: readonly SentRequest[], arrivals: readonly Arrival[]): Ledger {
  const bySeq = indexBySeq(requests);
  const arrived = new Set(arrivals.map((arrival) => arrival.seq));
  const sumOf = (kind: Answer['kind']) =>
    requests.reduce((sum, request) => (request.answer.kind === kind ? sum + request.count : sum), 0);
  const kindOf = (seq: number) => bySeq.get(seq)?.answer.kind;

  const delivered = arrivals.filter(({ seq }) => kindOf(seq) === 'accepted');
  const unexpected = arrivals.filter(({ seq }) => !bySeq.has(seq)).map(({ seq }) => seq);
  const mismatches = delivered.flatMap((arrival) => mismatchOf(bySeq.get(arrival.seq), arrival));
  const lost = acceptedSeqs(requests).filter((seq) => !arrived.has(seq));
  return {
    attempted: bySeq.size,
    accepted: sumOf('accepted'),
    rejected: sumOf('rejected'),
    unknown: sumOf('unknown'),
    delivered: delivered.length,
    lost: lost.length,
    duplicated: arrivals.reduce((sum, { count }) => sum + count - 1, 0),
    recovered: arrivals.length - delivered.length - unexpected.length,
    unexpected: unexpected.length,
    idMismatch: mismatches.length,
    examples: {
      lost: lost.slice(0, EXAMPLES),
      unexpected: unexpected.slice(0, EXAMPLES),
      idMismatch: mismatches.slice(0, EXAMPLES),
    },
  };
}

export interface Verdict {
  readonly passed: boolean;
  /** Why not; empty when passed. */
  readonly faults: readonly string[];
}

export function judge(ledger: Ledger): Verdict {
  const { accepted, lost, unexpected, idMismatch } = ledger;
  const faults = [
    accepted === 0 && 'nothing was accepted',
    lost > 0 && `lost ${lost} of ${accepted}`,
    unexpected > 0 && `unexpected ${unexpected}`,
    idMismatch > 0 && `id mismatch ${idMismatch}`,
  ].filter((fault) => fault !== false);
  return { passed: faults.length === 0, faults };
}

/** The request each seq went out with. */
export function indexBySeq(requests: readonly SentRequest[]): ReadonlyMap<number, SentRequest> {
  const bySeq = new Map<number, SentRequest>();
  for (const request of requests) {
    for (const seq of seqsOf(request)) bySeq.set(seq, request);
  }
  return bySeq;
}

function acceptedSeqs(requests: readonly SentRequest[]): number[] {
  return requests.filter(({ answer }) => answer.kind === 'accepted').flatMap(seqsOf);
}

function seqsOf({ firstSeq, count }: SentRequest): number[] {
  return Array.from({ length: count }, (_, index) => firstSeq + index);
}

function mismatchOf(request: SentRequest | undefined, { seq, ids }: Arrival): IdMismatch[] {
  if (request?.answer.kind !== 'accepted') return [];
  const expected = request.answer.ids[seq - request.firstSeq] ?? null;
  const wrong = ids.find((id) => id === null || id !== expected);
  return wrong === undefined ? [] : [{ seq, expected, arrived: wrong }];
}
