/** A dead letter: everything needed to understand it and to send it again, whatever else has been deleted since. */
import type { PastAttempt } from './entry.js';
import type { Extras } from './postbackSettings.js';

export const DEAD_REASONS = [
  'rejected',
  'redirect',
  'forbidden-target',
  'attempts-exhausted',
  'expired',
  'unrenderable',
  'unreadable',
  'poison',
  'cancelled',
] as const;
export type DeadReason = (typeof DEAD_REASONS)[number];

/** With the settings and the reference of the postback, if it had any. */
export interface DeadLetter extends Extras {
  readonly v: number;
  readonly id: string;
  readonly reason: DeadReason;
  /** What the last attempt met, for a person to read. */
  readonly detail: string;
  readonly endpointHash: string;
  /** The endpoint as the client sent it; `null` when it could not be found. */
  readonly endpointJson: string | null;
  /** The data object as the client sent it (JSON text), or the raw fields of an unreadable entry. */
  readonly data: string;
  readonly attemptsMade: number;
  readonly history: readonly PastAttempt[];
  readonly lastStatus?: number;
  /** At most 2 KiB of the last answer. */
  readonly lastBody?: string;
}

/** A letter in its place. The two together name it: a postback that was redriven and died again is another letter. */
export interface BuriedLetter {
  readonly letter: DeadLetter;
  /** ms since the epoch, by Redis's clock. */
  readonly diedAt: number;
}
