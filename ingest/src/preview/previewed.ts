/** What a preview and its warnings are made from. */
import type { ProblemFault } from '@postback/core/problem';
import type { CheckedRequest } from '../readRequest.js';
import type { AttemptTime, RetryTerms } from './timetable.js';

export interface Previewed {
  readonly request: CheckedRequest;
  readonly endpoint: EndpointSource;
  readonly terms: RetryTerms;
  readonly attempts: readonly AttemptTime[];
  readonly nowMs: number;
}

/** The endpoint as the client sent it, parsed: it has been checked. */
export interface EndpointSource {
  readonly body?: string | null;
  readonly defaults?: Readonly<Record<string, unknown>>;
  readonly unmatched?: 'default' | 'omit' | 'reject';
}

/** Allowed, and yet probably not meant. Like a fault: a JSON Pointer into the request, and a sentence. */
export type Warning = ProblemFault;
