/** What is known of an attempt that was made. */
import type { Postback } from '@postback/core/queue/entry';
import type { Decision } from './decide.js';
import type { Answer } from './http/answerHandler.js';
import type { OutgoingRequest } from './http/client.js';
import type { TransportError } from './http/transportError.js';

export interface AttemptRecord {
  readonly postback: Postback;
  readonly request: OutgoingRequest;
  /** Without credentials. */
  readonly url: string;
  readonly result: Answer | TransportError;
  readonly decision: Decision;
  readonly maxAttempts: number;
  /** Redis's clock when the attempt began and ended, ms. */
  readonly startedAt: number;
  readonly endedAt: number;
}
