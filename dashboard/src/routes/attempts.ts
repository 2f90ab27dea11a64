/** GET /api/attempts: the newest attempts that are kept, by destination, outcome, code, postback or reference; and how far back they reach. */
import type { Attempts } from '@postback/core/queue/attempts';
import { ATTEMPT_KINDS } from '@postback/core/queue/keys';
import express, { type Request, type Response, type Router } from 'express';
import type { AttemptFilter } from '../attempts/filter.js';
import { formatPlace, parsePlace } from '../attempts/place.js';
import { searchAttempts } from '../attempts/search.js';
import { parseDestination } from '../dead/destination.js';
import { showAttempt } from '../status/showStatus.js';
import { inputOf, isPostbackId, type Input } from './input.js';

export interface AttemptsDeps {
  readonly attempts: Pick<Attempts, 'search' | 'read' | 'oldest'>;
}

export const ATTEMPT_FILTER_MEMBERS = ['destination', 'outcome', 'code', 'id', 'reference'] as const;
const OUTCOME = /^[a-z-]{1,20}$/;
const CODE = /^([1-5]\d\d|[1-5]xx|[a-z][a-z-]{0,40})$/;

export function attemptsRouter(deps: AttemptsDeps): Router {
  const router = express.Router();
  router.get('/attempts', (request, response) => list(request, response, deps));
  return router;
}

async function list(request: Request, response: Response, { attempts }: AttemptsDeps): Promise<void> {
  const input = inputOf(request.query, [...ATTEMPT_FILTER_MEMBERS, 'limit', 'cursor']);
  const filter = readAttemptFilter(input);
  const limit = input.whole('limit', { min: 1, max: 500 }) ?? 50;
  const after = input.other('cursor', 'a cursor of an earlier answer', (value) => parsePlace(String(value)));
  input.end();
  const [found, ...oldest] = await Promise.all([
    searchAttempts(attempts, { filter, limit, after }),
    ...ATTEMPT_KINDS.map(async (kind) => [kind, toTime(await attempts.oldest(kind))] as const),
  ]);
  const next = found.next ? formatPlace(found.next) : null;
  const shown = found.attempts.map(showAttempt);
  response.json({ attempts: shown, next, scanned: found.scanned, oldest: Object.fromEntries(oldest) });
}

export function readAttemptFilter(input: Input): AttemptFilter {
  const matching = (pattern: RegExp) => (value: unknown) =>
    typeof value === 'string' && pattern.test(value) ? value : undefined;
  return {
    destination: input.other('destination', 'a destination such as https://partner.example', (value) =>
      parseDestination(String(value)),
    ),
    outcome: input.other('outcome', 'delivered, failed, retry, dead …', matching(OUTCOME)),
    code: input.other('code', 'a status, 2xx to 5xx, or the class of an error', matching(CODE)),
    id: input.other('id', 'a postback id', (value) => (isPostbackId(value) ? value : undefined)),
    reference: input.text('reference'),
  };
}

function toTime(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
