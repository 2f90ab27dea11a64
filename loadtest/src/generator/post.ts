/**
 * One ingest request over the keep-alive pool, as undici's `dispatch`, its cheapest interface. Whatever happens is an Answer;
 * a request is never repeated, since only the ledger may say what became of it.
 */
import { Pool } from 'undici';
import type { Dispatcher } from 'undici';
import type { Answer } from '../ledger.js';

export interface Poster {
  readonly post: (body: string) => Promise<Answer>;
  /** Any answer at all from the target; rejects with the network error. */
  readonly probe: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Far beyond the 1 s within which ingest promises an answer. */
const TIMEOUT_MS = 30_000;

export function createPoster(target: { url: string; apiKey: string; connections: number }): Poster {
  const { origin, pathname, search } = new URL(target.url);
  const pool = new Pool(origin, {
    connections: target.connections,
    pipelining: 1,
    connectTimeout: 5_000,
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
  });
  const headers = {
    'content-type': 'application/json',
    ...(target.apiKey === '' ? {} : { authorization: `Bearer ${target.apiKey}` }),
  };
  const path = pathname + search;
  return {
    post: (body) =>
      new Promise((resolve) => pool.dispatch({ path, method: 'POST', headers, body }, answerHandler(resolve))),
    async probe() {
      const { body } = await pool.request({ path: '/healthz', method: 'GET' });
      await body.dump();
    },
    close: () => pool.close(),
  };
}

function answerHandler(resolve: (answer: Answer) => void): Dispatcher.DispatchHandler {
  let status = 0;
  const chunks: Buffer[] = [];
  return {
    onRequestStart: () => undefined,
    onResponseStart: (_controller, statusCode) => void (status = statusCode),
    onResponseData: (_controller, chunk) => void chunks.push(chunk),
    onResponseEnd: () => resolve(readAnswer(status, chunks)),
    onResponseError: (_controller, error) => resolve({ kind: 'unknown', reason: reasonOf(error) }),
  };
}

function readAnswer(status: number, chunks: readonly Buffer[]): Answer {
  const body = Buffer.concat(chunks).toString();
  if (status === 202) return { kind: 'accepted', ids: readIds(body) };
  const type = PROBLEM_TYPE.exec(body)?.[1];
  return type === undefined ? { kind: 'rejected', status } : { kind: 'rejected', status, type };
}

const PROBLEM_TYPE = /"type":"[^"]*\/([\w-]+)"/;

/** A 202 that does not list its ids keeps its promise to deliver, but every arrival will count as an id mismatch. */
function readIds(body: string): readonly string[] {
  try {
    const { ids } = JSON.parse(body) as { ids?: unknown };
    return Array.isArray(ids) ? (ids as string[]) : [];
  } catch {
    return [];
  }
}

function reasonOf(error: Error): string {
  return (error as { code?: string }).code ?? error.name;
}
