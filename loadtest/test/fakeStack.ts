/**
 * A real HTTP server in place of the stack: answers as ingest does and delivers each postback to its endpoint itself. Faults
 * are switched on per test. With it a test knows exactly what the load test has to find.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../../core/src/testing/eventually.js';
import { preciseNow } from '../src/preciseClock.js';
import { createSink } from '../src/sink/server.js';

type DataObject = Readonly<Record<string, string | number>>;

export interface PostedRequest {
  readonly endpoint: { readonly method: string; readonly url: string };
  readonly data: readonly DataObject[];
}

export interface Faults {
  /** Runs before request `index` is answered; the status to refuse with, or 'vanish' to keep it but never answer. */
  readonly onRequest?: (index: number) => Promise<void> | number | 'vanish' | undefined;
  readonly changeId?: (id: string, seq: number) => string | undefined;
  /** The seqs to deliver for each data object. */
  readonly deliverAs?: (seq: number) => readonly number[];
}

export interface FakeStack {
  readonly url: string;
  readonly sinkUrl: string;
  readonly posted: readonly PostedRequest[];
  readonly headers: readonly IncomingMessage['headers'][];
  /** How many requests it had to answer at the same time, at most. */
  mostAtOnce(): number;
  stop(): Promise<void>;
}

export async function startFakeStack(faults: Faults = {}): Promise<FakeStack> {
  const posted: PostedRequest[] = [];
  const headers: IncomingMessage['headers'][] = [];
  const sink = createSink({ now: preciseNow });
  const sinkPort = await sink.start({ host: '127.0.0.1', port: 0 });

  const ingest = createServer((request, response) => void handle(request, response));
  let [underWay, mostAtOnce] = [0, 0];
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method === 'GET') return void response.writeHead(200).end('{"status":"ok"}');
    mostAtOnce = Math.max(mostAtOnce, ++underWay);
    response.on('close', () => underWay--);
    const body = JSON.parse(await text(request)) as PostedRequest;
    const index = posted.push(body) - 1;
    headers.push(request.headers);
    const fault = await faults.onRequest?.(index);
    if (typeof fault === 'number') return void response.writeHead(fault).end();
    const ids = body.data.map((_, position) => `0-1700000000000-${index * body.data.length + position}`);
    if (fault === 'vanish') request.socket.destroy();
    else response.writeHead(202).end(JSON.stringify({ accepted: ids.length, ids }));
    await deliverAll(body, ids, faults);
  };
  const port = await listen(ingest);
  return {
    url: `http://127.0.0.1:${port}`,
    sinkUrl: `http://127.0.0.1:${sinkPort}`,
    posted,
    headers,
    mostAtOnce: () => mostAtOnce,
    async stop() {
      await new Promise((resolve) => ingest.close(resolve));
      await sink.stop();
    },
  };
}

async function deliverAll(body: PostedRequest, ids: readonly string[], faults: Faults): Promise<void> {
  const { deliverAs = (seq: number) => [seq], changeId = (id: string) => id } = faults;
  for (const [position, data] of body.data.entries()) {
    const seq = data['seq'] as number;
    const id = changeId(ids[position] ?? '', seq);
    for (const arriving of deliverAs(seq)) await deliver(body.endpoint, { ...data, seq: arriving }, id);
  }
}

async function deliver(endpoint: PostedRequest['endpoint'], data: DataObject, id: string | undefined): Promise<void> {
  const { method } = endpoint;
  const url = endpoint.url.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(String(data[key] ?? '')));
  const body = method === 'GET' || method === 'DELETE' ? null : JSON.stringify(data);
  const headers = { connection: 'close', ...(id === undefined ? {} : { 'postback-id': id }) };
  const response = await fetch(url, { method, headers, body });
  await response.arrayBuffer();
}

/** Listens on a port of its own. */
export function listen(server: Server): Promise<number> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
}

/** Everything from request `atIndex` on waits until `ms` have passed since it came. */
export function stallOnce(atIndex: number, ms: number): (index: number) => Promise<void> | undefined {
  let until: Promise<void> | undefined;
  return (index) => {
    if (index === atIndex) until = sleep(ms).then(() => undefined);
    return until;
  };
}

/** What other test files have left in this process. */
const inherited = openSockets().length;

/** For after-each: fails when a test left a server or connection behind. */
export async function expectNoOpenSockets(): Promise<void> {
  await eventually('all servers and sockets are closed', () => openSockets().length <= inherited, 3_000);
}

function openSockets(): string[] {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP'));
}
