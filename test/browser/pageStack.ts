/**
 * A whole stack for tests of the page: the real processes behind the real nginx, as in local mode, with a third party of our own that
 * answers as its path says.
 */
import { startEndpointServer, type Answer, type EndpointServer } from '@postback/core/testing/endpointServer';
import { createStack, WITHOUT_BREAKER, type CrashStack } from '../crash/crashStack.js';

export interface PageStack {
  readonly stack: CrashStack;
  readonly endpoint: EndpointServer;
  readonly url: string;
  /** @returns the ids */
  send(path: string, more?: SendOptions): Promise<string[]>;
  /** Asks the API for JSON, or tells it to do something. */
  api<T>(path: string, change?: object): Promise<T>;
  /** Ends everything; the processes' logs stay when something went wrong. */
  stop(hasFailed: boolean): Promise<void>;
}

export interface SendOptions {
  readonly reference?: string;
  readonly count?: number;
  readonly delaySeconds?: number;
  readonly method?: string;
}

/** What an attacker would love to see on an operator's screen as HTML. */
export const HOSTILE = `<img src="x" onerror="globalThis.wasHit=1"><script>globalThis.wasHit=1</script>`;

const answer: Answer = ({ url }, response) => {
  const path = url.split('?')[0];
  response.setHeader('Content-Type', 'text/html');
  if (path === '/reject') return void response.writeHead(404).end(HOSTILE);
  if (path === '/fail') return void response.writeHead(500).end(HOSTILE);
  return void response.end(`thank you ${HOSTILE}`);
};

export async function startPageStack(): Promise<PageStack> {
  const endpoint = await startEndpointServer(answer);
  const stack = await createStack({
    env: {
      ...WITHOUT_BREAKER,
      RETRY_ATTEMPTS: '3',
      RETRY_SCHEDULE: '50ms',
      ATTEMPT_TIMEOUT: '5s',
      CLAIM_IDLE: '10100ms', // longer than an attempt can take
      LOG_RESPONSE_BODY: 'always',
      ALLOWED_TARGETS: '127.0.0.1',
    },
  });
  try {
    await stack.startAll();
    await stack.start('dashboard', 'nginx');
  } catch (error) {
    await stack.dispose(true);
    await endpoint.close();
    throw error;
  }
  const url = stack.httpUrl;
  const post = async (path: string, body: object): Promise<unknown> => {
    const headers = { 'Content-Type': 'application/json' };
    const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  return {
    stack,
    endpoint,
    url,
    send: async (path, { reference, count = 1, delaySeconds, method = 'GET' } = {}) => {
      const data = Array.from({ length: count }, (_, n) => ({ n }));
      const delivery = { ...(reference ? { reference } : {}), ...(delaySeconds ? { delaySeconds } : {}) };
      const endpointOf = { method, url: `${endpoint.origin}${path}` };
      const { ids } = (await post('/ingest', { endpoint: endpointOf, delivery, data })) as { ids: string[] };
      return ids;
    },
    api: async <T>(path: string, change?: object) => {
      if (change) return (await post(`/api/${path}`, change)) as T;
      const response = await fetch(`${url}/api/${path}`);
      if (!response.ok) throw new Error(`${path}: ${response.status}`);
      return (await response.json()) as T;
    },
    stop: async (hasFailed) => {
      await stack.dispose(hasFailed);
      await endpoint.close();
    },
  };
}
