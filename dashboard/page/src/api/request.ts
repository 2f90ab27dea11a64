/** One request to the API. An answer that is not 2xx is thrown as RequestFailed; a login that has ended leads to the login page. */
import { faultOf, RequestFailed, unreachable } from './fault.js';

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  /** JSON text, or something that becomes it. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

const TIMEOUT_MS = 40_000;

/** Relative to the page, so that it works below any path. */
export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const { method = 'GET', body, headers = {}, signal } = options;
  const isChange = method !== 'GET';
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const init: RequestInit = {
    method,
    headers: { Accept: 'application/json', ...(isChange ? { 'Content-Type': 'application/json' } : {}), ...headers },
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    ...(isChange ? { body: typeof body === 'string' ? body : JSON.stringify(body ?? {}) } : {}),
  };
  const answer = await fetch(path, init).catch((cause: unknown) => {
    if (signal?.aborted) throw cause;
    throw new RequestFailed(unreachable(cause));
  });
  const content = parse(await answer.text());
  if (answer.ok) return content as T;
  if (answer.status === 401 && path.startsWith('api/')) goToLogin();
  throw new RequestFailed(faultOf(answer.status, content, answer.headers.get('Retry-After')));
}

/** With the view in the address, to come back to it. */
export function goToLogin(): void {
  location.replace(`login${location.hash}`);
}

/** Leaves out what is empty. */
export function queryOf(members: Readonly<Record<string, string | number | boolean | undefined | null>>): string {
  const given = Object.entries(members).flatMap(([name, value]): [string, string][] =>
    value === undefined || value === null || value === '' ? [] : [[name, String(value)]],
  );
  const text = new URLSearchParams(given).toString();
  return text === '' ? '' : `?${text}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
