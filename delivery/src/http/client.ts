/**
 * The HTTP client: an axios instance whose adapter is undici's `dispatch`. axios is the interface; what it would do on its own
 * (redirects, decompression, proxies, waiting for ever) is not there, because the adapter does not do it. Nor does it touch headers
 * and bodies: merging them with its defaults, key by key, takes five times as long as all the rest that it does (docs/performance.md).
 */
import { Axios, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { Agent, type Dispatcher } from 'undici';
import { createRoster } from '../roster.js';
import { AnswerHandler, type Answer } from './answerHandler.js';
import type { Names } from '../dns/names.js';
import { createConnector, type ConnectorDeps } from './connector.js';
import { TransportError } from './transportError.js';

export interface OutgoingRequest {
  readonly method: string;
  /** scheme://host:port, always with the port: the key of the connection pool */
  readonly destination: string;
  /** Path and query, percent-encoded. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

export interface HttpClient {
  /** `deadlineMs`: for the whole exchange, unless it is the client's. @throws TransportError when there is no full answer */
  send(request: OutgoingRequest, deadlineMs?: number): Promise<Answer>;
  /** Ends every attempt under way, with error class `aborted`. */
  abortAll(): void;
  close(): Promise<void>;
}

interface ClientOptions extends ConnectorDeps {
  /** For the whole exchange, and at most for opening a connection. */
  readonly timeoutMs: number;
  /** Connections to one origin, at most. */
  readonly connections: number;
  readonly isSilentAbout?: Names['isSilentAbout'];
}

/** The connection of an idle destination is closed before most servers would close it (Node's default: 5 s). */
const KEEP_ALIVE_MS = 4_000;

/** Of an answer, all of them together. */
const MAX_HEADER_BYTES = 16 * 1024;

export function createHttpClient({ connections, ...options }: ClientOptions): HttpClient {
  const { timeoutMs } = options;
  const connector = createConnector(options);
  const agent = new Agent({
    connections,
    connect: connector.connect,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    headersTimeout: 0, // the attempt's own deadline covers them
    bodyTimeout: 0,
    maxHeaderSize: MAX_HEADER_BYTES,
  });
  const underWay = createRoster<AnswerHandler>();

  const dispatch = (exchange: Exchange, remainingMs: number, resolve: (result: Result) => void): void => {
    const handler: AnswerHandler = new AnswerHandler({
      timeoutMs: remainingMs,
      takeTimings: () => connector.takeTimings(exchange.origin),
      onEnd: (outcome) => {
        underWay.remove(handler);
        if (!(outcome instanceof TransportError)) return resolve(outcome);
        if (!isStaleConnection(exchange, handler, outcome)) {
          return resolve(blame(outcome, exchange, handler).at(handler.phases()));
        }
        dispatch(exchange, remainingMs - handler.phases().totalMs, resolve);
      },
    });
    underWay.add(handler);
    agent.dispatch(exchange, handler);
  };

  /** An attempt may end before the resolver's own timeout: guard.ts finds out whose fault it is that there is no answer. */
  const blame = (error: TransportError, { origin }: Exchange, handler: AnswerHandler): TransportError => {
    if (error.errorClass !== 'timeout' || handler.isSent) return error;
    const { hostname } = new URL(origin);
    if (!options.isSilentAbout?.(hostname, handler.phases().totalMs)) return error;
    return new TransportError('resolver', `${error.message}, nor one about ${hostname}`);
  };

  const instance = new Axios({
    adapter: (config) =>
      new Promise((resolve) => {
        const { data, timeout } = config as Required<InternalAxiosRequestConfig<Exchange>>;
        dispatch(data, timeout, (result) => resolve(toAxiosResponse(result, config)));
      }),
  });
  return {
    send: async (request, deadlineMs = timeoutMs) => {
      const response = await instance.request({ data: new Exchange(request), timeout: deadlineMs });
      const result = response.request as Result;
      if (result instanceof TransportError) throw result;
      return result;
    },
    abortAll: () => {
      for (const handler of underWay.members()) handler.abort(new TransportError('aborted', 'the service is stopping'));
    },
    close: () => agent.destroy(),
  };
}

/** A failure is a value on its way through axios: it would look for a stack to add to an error. */
type Result = Answer | TransportError;

/** What is dispatched. Of a class: a plain object axios would copy. */
class Exchange implements Dispatcher.DispatchOptions {
  readonly origin: string;
  readonly method: Dispatcher.HttpMethod;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;

  constructor({ method, destination, path, headers, body }: OutgoingRequest) {
    this.origin = destination;
    this.method = method;
    this.path = path;
    this.headers = headers;
    this.body = body ?? null;
  }
}

/**
 * An idle connection may be closed by the other side in the moment that it is used again: nothing was processed then
 * (RFC 9110, 9.2.2), and a GET without an answer's first byte is sent once more on another one, within the same deadline.
 */
function isStaleConnection(exchange: Exchange, handler: AnswerHandler, error: TransportError): boolean {
  if (exchange.method !== 'GET' || !handler.isReused || handler.hasAnswer) return false;
  return error.errorClass === 'connection-reset' || error.errorClass === 'connection-closed';
}

function toAxiosResponse(result: Result, config: InternalAxiosRequestConfig): AxiosResponse<unknown> {
  const status = result instanceof TransportError ? 0 : result.status;
  return { status, statusText: '', data: undefined, headers: {}, config, request: result };
}
