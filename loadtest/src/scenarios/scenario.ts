/**
 * What a scenario is, as data: groups of destinations, phases of load with a behaviour for each group, and the bounds that the run
 * must keep. After the last phase all destinations behave, so that whatever was accepted must arrive.
 */
import type { Behaviour } from '../sink/behaviour.js';

export interface Scenario {
  readonly name: string;
  /** One line for `--list`. */
  readonly about: string;
  readonly groups: readonly Group[];
  readonly phases: readonly Phase[];
  readonly bounds: readonly Bound[];
  /** Postbacks per request. */
  readonly data: number;
  /** Of the generator; those of `--connections` by default. */
  readonly connections?: number;
  /** The `delivery` member of each request, if there is one. */
  readonly delivery?: Readonly<Record<string, unknown>>;
  /** `sink`: the stack's DNS_SERVERS must be the sink, since the names in it exist nowhere else. */
  readonly resolver?: 'sink';
  /** The run is over when nothing new has arrived for so long. */
  readonly drainTimeoutMs: number;
}

/** Destinations that behave alike: each has a host and port of its own. */
export interface Group {
  readonly name: string;
  readonly count: number;
  /** They are called by names below `<label>.sink.test`, which only the sink itself resolves (see `resolver`). */
  readonly label?: string;
}

export interface Phase {
  readonly name: string;
  readonly durationMs: number;
  /**
   * Requests per second: a fixed rate, so that latency counts from when a request was due; null: each when the one before it on its
   * connection was answered.
   */
  readonly rate: number | null;
  /** Group → its part of the requests; a group that is not named gets none. */
  readonly shares: Readonly<Record<string, number>>;
  /**
   * Group → what it does from now on; `refusing`: it takes no connection;
   * `nameless`: its names get no answer. A group that is not named behaves.
   */
  readonly behaviour?: Readonly<Record<string, Partial<Behaviour> | 'refusing' | 'nameless'>>;
}

export type Percentile = 'p50' | 'p99';

export type Bound =
  /** End-to-end latency of a group in a phase, at most `times` that of another phase of the run, which counts as at least `floorMs`. */
  | {
      readonly kind: 'latency';
      readonly group: string;
      readonly phase: string;
      readonly percentile: Percentile;
      readonly times: number;
      readonly of: string;
      readonly floorMs: number;
    }
  /** Attempts of a group beyond one per delivery. */
  | { readonly kind: 'extra-attempts'; readonly group: string; readonly max: number }
  /** From the end of the phase until everything of the group has arrived. */
  | { readonly kind: 'drained'; readonly group: string; readonly after: string; readonly withinMs: number }
  /** Share of a group's postbacks of that phase that arrive after one that is more than `slackMs` younger. */
  | {
      readonly kind: 'oldest-first';
      readonly group: string;
      readonly phase: string;
      readonly slackMs: number;
      readonly maxShare: number;
    }
  /** Requests answered with anything but 202. */
  | { readonly kind: 'refused'; readonly group: string; readonly max: number };
