/** The newest requests as they came, for people to look at: a ring of 200, so a load test cannot fill the memory. */
import type { Identity } from './identify.js';

export interface CapturedRequest {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly method: string;
  /** Path and query as received. */
  readonly url: string;
  /** Name, value, name, value …, as received. */
  readonly rawHeaders: readonly string[];
  readonly body: string;
  /** Of the whole body, of which the first 64 KiB are kept. */
  readonly bodyBytes: number;
  readonly identity: Identity | undefined;
  /** The status the sink answered. */
  readonly status: number;
}

export interface Captured {
  add(request: CapturedRequest): void;
  /** Newest first; `contains` looks for a text in address, headers and body. */
  newest(limit: number, contains: string): readonly CapturedRequest[];
  /** How many were added since the start or the last `clear`, those no longer kept included. */
  total(): number;
  clear(): void;
}

export const CAPTURED_LIMIT = 200;

export function createCaptured(capacity = CAPTURED_LIMIT): Captured {
  let ring: CapturedRequest[] = [];
  let total = 0;
  return {
    add: (request) => void (ring[total++ % capacity] = request),
    newest: (limit, contains) =>
      [...ring.slice(total % capacity), ...ring.slice(0, total % capacity)]
        .reverse()
        .filter((request) => contains === '' || searchable(request).includes(contains))
        .slice(0, limit),
    total: () => total,
    clear() {
      ring = [];
      total = 0;
    },
  };
}

/** The form in which `GET /captured` gives it. */
export function toJson(request: CapturedRequest): Readonly<Record<string, unknown>> {
  const { at, method, url, body, bodyBytes, identity, status } = request;
  return {
    at: new Date(at).toISOString(),
    method,
    url,
    headers: headersOf(request),
    body,
    bodyBytes,
    status,
    ...identity,
  };
}

function headersOf({ rawHeaders }: CapturedRequest): Readonly<Record<string, string>> {
  const names = rawHeaders.filter((_, index) => index % 2 === 0);
  return Object.fromEntries(names.map((name, index) => [name.toLowerCase(), rawHeaders[index * 2 + 1] ?? '']));
}

function searchable({ method, url, rawHeaders, body }: CapturedRequest): string {
  return [method, url, ...rawHeaders, body].join('\n');
}
