/** The API as the operator command uses it: JSON in, JSON out, and a refusal as one readable error. */

export interface Api {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: object): Promise<T>;
  remove<T>(path: string): Promise<T>;
}

/** What the API refused or why it could not be asked: for the operator, without a stack. */
export class CommandError extends Error {}

/** Longer than any single answer takes. */
const TIMEOUT_MS = 60_000;

export function createApi(baseUrl: string, token = '', timeoutMs = TIMEOUT_MS): Api {
  const authorization: Record<string, string> = token === '' ? {} : { authorization: `Bearer ${token}` };
  const call = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const headers = { ...authorization, ...(body ? { 'content-type': 'application/json' } : {}) };
    const signal = AbortSignal.timeout(timeoutMs);
    const init = { method, headers, signal, ...(body ? { body: JSON.stringify(body) } : {}) };
    const response = await fetch(new URL(path, baseUrl), init).catch((cause: unknown) => {
      throw new CommandError(`no answer from ${baseUrl}: is the stack running? (make up)`, { cause });
    });
    const answer: unknown = await response.json().catch(() => ({}));
    if (!response.ok) throw new CommandError(describe(response.status, answer));
    return answer as T;
  };
  return {
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
    remove: (path) => call('DELETE', path),
  };
}

function describe(status: number, answer: unknown): string {
  const { title, detail } = Object(answer) as { title?: string; detail?: string };
  return title ? `${title}: ${detail} (HTTP ${status})` : `HTTP ${status}`;
}
