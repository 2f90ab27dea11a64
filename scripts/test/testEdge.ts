/** A real nginx with our configuration, in front of small servers that stand in for the services and note what reaches them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { eventually } from '@postback/core/testing/eventually';
import { repositoryRoot } from '../src/local/layout.js';
import { PortPicker } from '../src/local/ports.js';
import { searchPath } from '../src/local/systemPackages.js';

export interface Arrived {
  readonly to: string;
  readonly request: IncomingMessage;
}

export interface TestEdge {
  readonly port: number;
  readonly directory: string;
  /** What reached the services, the newest last. */
  readonly arrived: Arrived[];
  call(path: string, init?: RequestInit): Promise<Response>;
  /** These bytes on a connection of their own, and whatever comes back until nginx closes it. */
  sendRaw(raw: string): Promise<string>;
  /** A connection of its own on which these bytes have been sent. */
  open(raw: string): Promise<Socket>;
  accessLog(): string;
  errorLog(): string;
  /** @returns nginx's exit code */
  stop(): Promise<number | null>;
}

/** `env` as for nginx/render.sh. The dashboard is the second of two servers; nobody listens at the first. */
export async function startEdge(env: Readonly<Record<string, string>> = {}): Promise<TestEdge> {
  const directory = mkdtempSync(join(tmpdir(), 'nginx-'));
  const picker = new PortPicker();
  const arrived: Arrived[] = [];
  const [ingest, dashboard] = [await startServer('ingest', arrived), await startServer('dashboard', arrived)];
  const port = await picker.pick(0);
  const nobody = `127.0.0.1:${await picker.pick(0)}`;
  const nginx = spawn('sh', [join(repositoryRoot, 'nginx/run.sh')], {
    stdio: 'ignore',
    env: {
      PATH: searchPath(process.env['PATH']),
      NGINX_DIR: directory,
      LISTEN: `127.0.0.1:${port}`,
      INGEST_SERVERS: addressOf(ingest),
      DASHBOARD_SERVERS: `${nobody} ${addressOf(dashboard)}`,
      SINK_SERVER: nobody,
      ACCESS_LOG: join(directory, 'access.log'),
      ERROR_LOG: join(directory, 'error.log'),
      ...env,
    },
  });
  const ended = once(nginx, 'exit') as Promise<[number | null]>;
  const call = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init);
  await eventually(
    'nginx answers or ends',
    async () => nginx.exitCode !== null || (await call('/healthz/nginx').catch(() => undefined))?.ok,
    20_000,
  );
  if (nginx.exitCode !== null) throw new Error(`nginx did not start: ${nginx.exitCode}`);
  return {
    port,
    directory,
    arrived,
    call,
    sendRaw: async (raw) => {
      const socket = connect(port, '127.0.0.1');
      socket.write(raw, 'latin1');
      return text(socket);
    },
    open: async (raw) => {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      socket.write(raw, 'latin1');
      return socket;
    },
    accessLog: () => readFileSync(join(directory, 'access.log'), 'utf8'),
    errorLog: () => readFileSync(join(directory, 'error.log'), 'utf8'),
    stop: async () => {
      nginx.kill('SIGQUIT');
      const [code] = await ended;
      for (const server of [ingest, dashboard]) server.close();
      rmSync(directory, { recursive: true });
      return code;
    },
  };
}

/**
 * Answers with its name. The header `x-test` asks for something else: `reset` breaks the connection off after the request was read, a
 * number is the status. An `x-api-key` is that of acme.
 */
async function startServer(name: string, arrived: Arrived[]): Promise<Server> {
  const server = createServer((request, response) => {
    arrived.push({ to: name, request });
    const { 'x-test': test, 'x-api-key': key } = request.headers;
    if (key !== undefined) response.setHeader('X-Api-Key-Name', 'acme');
    if (Number(test) > 0) response.statusCode = Number(test);
    request.resume().on('end', () => (test === 'reset' ? response.destroy() : response.end(name)));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

const addressOf = (server: Server) => `127.0.0.1:${(server.address() as AddressInfo).port}`;
