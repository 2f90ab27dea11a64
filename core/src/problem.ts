/**
 * Every HTTP error of the product, in one registry (RFC 9457). Each `type` is a page under /docs/errors/.
 * Clients never see internals: what an unknown error was stands in the log, not in the answer.
 */
export interface ProblemFault {
  /** JSON Pointer (RFC 6901) into the request body. */
  readonly pointer: string;
  readonly detail: string;
}

const PROBLEMS = {
  'invalid-json': { status: 400, title: 'The body is not valid JSON' },
  'invalid-request': { status: 400, title: 'The request does not follow the contract' },
  unauthorized: { status: 401, title: 'A valid key or token is needed' },
  forbidden: { status: 403, title: 'This is not allowed here' },
  'not-found': { status: 404, title: 'There is nothing at this address' },
  'unknown-or-expired': { status: 404, title: 'Nothing is known of this postback' },
  'method-not-allowed': { status: 405, title: 'This address takes another method' },
  'postback-pending': { status: 409, title: 'The postback is being attempted right now' },
  'already-dead': { status: 409, title: 'The postback is a dead letter already' },
  'not-redrivable': { status: 409, title: 'The dead letter cannot be sent again as it is' },
  'body-too-large': { status: 413, title: 'The body is larger than allowed' },
  'unsupported-media-type': { status: 415, title: 'The body must be application/json, not compressed' },
  'idempotency-mismatch': { status: 422, title: 'The Idempotency-Key was used for another request' },
  'forbidden-target': { status: 422, title: 'The endpoint may not be called' },
  'internal-error': { status: 500, title: 'Something went wrong on our side' },
  'queue-unavailable': { status: 503, title: 'The queue cannot take requests right now' },
  'backlog-full': { status: 503, title: 'Too many postbacks are waiting already' },
  'destination-backlog-full': { status: 503, title: 'Too much is waiting for this destination already' },
  draining: { status: 503, title: 'An operator lets the queue run empty' },
  'memory-low': { status: 503, title: 'The queue is short of memory' },
  'storage-low': { status: 503, title: 'The queue is short of disk space' },
  'durability-unmet': { status: 503, title: 'Redis keeps its data less safely than promised' },
  // these come from nginx too (nginx/problems.conf)
  'bad-request': { status: 400, title: 'The request is not valid HTTP' },
  'uri-too-long': { status: 414, title: 'The address is longer than allowed' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  'service-unavailable': { status: 503, title: 'The service cannot be reached right now' },
  'sink-not-running': { status: 503, title: 'The sink is not running' },
  'gateway-timeout': { status: 504, title: 'The service did not answer in time' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemType = keyof typeof PROBLEMS;

/** The body of an `application/problem+json` answer. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly ProblemFault[];
  /** That of the request: it stands on the log lines too. */
  readonly requestId?: string;
}

interface ProblemOptions {
  readonly detail: string;
  readonly errors?: readonly ProblemFault[];
  /** Sent with the answer, for example `Retry-After` or `Allow`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** Throw it in a request handler; `answerProblem` turns it into the answer. */
export class Problem extends Error {
  readonly code: ProblemType;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  private readonly errors: readonly ProblemFault[] | undefined;

  constructor(type: ProblemType, options: ProblemOptions) {
    super(options.detail, { cause: options.cause });
    this.code = type;
    this.status = PROBLEMS[type].status;
    this.headers = options.headers ?? {};
    this.errors = options.errors;
  }

  toBody(): ProblemBody {
    const { title, status } = PROBLEMS[this.code];
    const body = { type: `/docs/errors/${this.code}`, title, status, detail: this.message };
    return this.errors ? { ...body, errors: this.errors } : body;
  }
}

export const PROBLEM_TYPES = Object.keys(PROBLEMS) as readonly ProblemType[];
