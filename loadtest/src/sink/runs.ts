/**
 * What arrived, per run and seq: the sink's half of the ledger. In memory only, and bounded: the newest runs are kept, and a
 * seq for which there is no room is counted as `overflow`, so that a run too large fails its ledger instead of the process.
 */
import type { Behaviour } from './behaviour.js';
import { WELL_BEHAVED } from './behaviour.js';
import type { Identity } from './identify.js';

export interface SeqRecord {
  /** Attempts of any outcome. */
  attempts: number;
  /** Attempts that were recorded as delivered. */
  count: number;
  /** Milliseconds since the epoch; 0 until the first arrival. */
  firstArrivalAt: number;
  /** The Postback-Id of each arrival, null without one; the first MAX_IDS of them. */
  readonly ids: (string | null)[];
}

export interface Run {
  readonly id: string;
  readonly behaviour: Behaviour;
  readonly seqs: Map<number, SeqRecord>;
  arrivals: number;
  distinct: number;
  failed: number;
  dropped: number;
  overflow: number;
  lastArrivalAt: number | null;
}

export interface Runs {
  /** Starts a run anew, with what it recorded before forgotten. */
  open(id: string, behaviour: Behaviour): Run;
  find(id: string): Run | undefined;
  remove(id: string): boolean;
  /** Counts an attempt. Undefined when there is no room for this seq. An unknown run is opened: it behaves well. */
  attempt(identity: Identity): { readonly run: Run; readonly record: SeqRecord } | undefined;
}

/** About 200 B a seq: a million fit into the heap that Node takes in a container of 512 MB. */
const LIMITS = { maxRuns: 16, maxSeqs: 1_000_000 };
const MAX_IDS = 16;

export function createRuns({ maxRuns, maxSeqs } = LIMITS): Runs {
  const runs = new Map<string, Run>(); // in order of opening
  const seqCount = () => [...runs.values()].reduce((sum, run) => sum + run.seqs.size, 0);
  let room = maxSeqs; // seqs that may still be added before somebody has to go

  const open = (id: string, behaviour: Behaviour): Run => {
    runs.delete(id);
    const run: Run = { id, behaviour, seqs: new Map(), ...NOTHING_YET };
    runs.set(id, run);
    for (const oldest of runs.keys()) {
      if (runs.size <= maxRuns) break;
      runs.delete(oldest);
    }
    room = maxSeqs - seqCount();
    return run;
  };

  const makeRoom = (keep: Run): boolean => {
    for (const [id, run] of runs) {
      if (room > 0) break;
      if (run !== keep) runs.delete(id);
      room = maxSeqs - seqCount();
    }
    return room > 0;
  };

  return {
    open,
    find: (id) => runs.get(id),
    remove(id) {
      const isRemoved = runs.delete(id);
      room = maxSeqs - seqCount();
      return isRemoved;
    },
    attempt(identity) {
      const run = runs.get(identity.run) ?? open(identity.run, WELL_BEHAVED);
      let record = run.seqs.get(identity.seq);
      if (record === undefined) {
        if (room <= 0 && !makeRoom(run)) return void run.overflow++;
        room--;
        record = { attempts: 0, count: 0, firstArrivalAt: 0, ids: [] };
        run.seqs.set(identity.seq, record);
      }
      record.attempts++;
      return { run, record };
    },
  };
}

const NOTHING_YET = { arrivals: 0, distinct: 0, failed: 0, dropped: 0, overflow: 0, lastArrivalAt: null };

/** Books one delivery. */
export function recordArrival(run: Run, record: SeqRecord, arrival: { at: number; postbackId: string | null }): void {
  if (record.count === 0) {
    record.firstArrivalAt = arrival.at;
    run.distinct++;
  }
  record.count++;
  if (record.ids.length < MAX_IDS) record.ids.push(arrival.postbackId);
  run.arrivals++;
  run.lastArrivalAt = arrival.at;
}
