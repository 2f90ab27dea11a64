/** What went wrong with a request, in words: the server's problem+json as it stands, or what the browser met. Pure. */

export interface Fault {
  /** 0: there was no answer. */
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  /** The page about this kind of error. */
  readonly page?: string;
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[];
  readonly retryAfterSeconds?: number;
  readonly requestId?: string;
}

export class RequestFailed extends Error {
  constructor(readonly fault: Fault) {
    super(`${fault.title}: ${fault.detail}`);
  }
}

/** @param body what the answer had, parsed; anything may stand there */
export function faultOf(status: number, body: unknown, retryAfter: string | null): Fault {
  const problem = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const text = (name: string) => (typeof problem[name] === 'string' ? problem[name] : undefined);
  const page = text('type');
  const requestId = text('requestId');
  return {
    status,
    title: text('title') ?? `HTTP ${status}`,
    detail: text('detail') ?? 'The answer does not say why.',
    errors: Array.isArray(problem['errors']) ? problem['errors'].filter(isPlace) : [],
    // The address is ours, or none: an answer must not make a link to elsewhere.
    ...(page && /^\/docs\/errors\/[a-z-]+$/.test(page) ? { page } : {}),
    ...(retryAfter && /^\d+$/.test(retryAfter) ? { retryAfterSeconds: Number(retryAfter) } : {}),
    ...(requestId ? { requestId } : {}),
  };
}

export function unreachable(cause: unknown): Fault {
  const isLate = cause instanceof Error && cause.name === 'TimeoutError';
  return {
    status: 0,
    title: isLate ? 'No answer in time' : 'The dashboard does not answer',
    detail: isLate
      ? 'Whether it was done is not known; look before you try again.'
      : 'It may be starting, or the network is away. Nothing that was accepted is lost by that.',
    errors: [],
  };
}

export function asFault(error: unknown): Fault {
  if (error instanceof RequestFailed) return error.fault;
  return { status: 0, title: 'The page has a fault', detail: String(error), errors: [] };
}

function isPlace(value: unknown): value is { pointer: string; detail: string } {
  const { pointer, detail } = Object(value) as Record<string, unknown>;
  return typeof pointer === 'string' && typeof detail === 'string';
}
