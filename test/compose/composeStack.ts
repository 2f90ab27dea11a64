/**
 * The real compose file, started under a project name and port of its own, so that it disturbs no stack that runs here. Everything is
 * done with the commands an operator has.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

const root = resolve(__dirname, '../..');
const EVERY_PROFILE = ['--profile', 'demo', '--profile', 'loadtest'];

export interface Finished {
  readonly status: number | null;
  readonly output: string;
}

export interface Container {
  readonly Id: string;
  readonly Name: string;
  readonly RestartCount: number;
  readonly State: { readonly Status: string; readonly ExitCode: number; readonly StartedAt: string };
  readonly Config: { readonly User: string; readonly Labels: Readonly<Record<string, string>> };
  readonly HostConfig: {
    readonly ReadonlyRootfs: boolean;
    readonly CapDrop: readonly string[] | null;
    readonly Memory: number;
    readonly PidsLimit: number | null;
    readonly PortBindings: Readonly<Record<string, unknown>>;
  };
}

export class ComposeStack {
  private readonly env: NodeJS.ProcessEnv;

  constructor(
    readonly project: string,
    port: number,
  ) {
    this.env = { ...process.env, COMPOSE_PROJECT_NAME: project, HTTP_PORT: String(port) };
  }

  /** scripts/docker-stack.sh, as the Makefile calls it. */
  stack(args: readonly string[], env: NodeJS.ProcessEnv = {}): Finished {
    return run('scripts/docker-stack.sh', args, { ...this.env, ...env });
  }

  /** The same, while other things are done. */
  async stackMeanwhile(args: readonly string[]): Promise<Finished> {
    const child = spawn('scripts/docker-stack.sh', args, {
      cwd: root,
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = once(child, 'close') as Promise<[number | null]>;
    const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    return { status, output: status === 0 ? stdout : `${stdout}\n${stderr}` };
  }

  compose(...args: readonly string[]): Finished {
    const isPlugin = run('docker', ['compose', 'version'], this.env).status === 0;
    const [command, first] = isPlugin ? ['docker', ['compose']] : ['docker-compose', []];
    return run(command, [...first, ...EVERY_PROFILE, ...args], this.env);
  }

  docker(...args: readonly string[]): Finished {
    return run('docker', args, this.env);
  }

  /** Of one service, or all. */
  containers(service?: string): readonly Container[] {
    const filter = service === undefined ? [] : ['--filter', `label=com.docker.compose.service=${service}`];
    const ids = this.docker('ps', '-a', '-q', '--filter', this.label, ...filter).output.split(/\s+/);
    const known = ids.filter((id) => id !== '');
    if (known.length === 0) return [];
    return JSON.parse(run('docker', ['inspect', ...known], this.env).output) as Container[];
  }

  /** Ids and names of whatever carries the project's label. */
  leftovers(): readonly string[] {
    const lists = [
      ['ps', '-a', '-q'],
      ['volume', 'ls', '-q'],
      ['network', 'ls', '-q'],
    ];
    return lists.flatMap((list) =>
      this.docker(...list, '--filter', this.label)
        .output.split(/\s+/)
        .filter(Boolean),
    );
  }

  /** SIGKILL to what runs in the container, from within: `docker kill` would count as the operator's wish and not restart it. */
  crash(container: Container): void {
    this.docker('exec', container.Name.slice(1), 'sh', '-c', 'kill -9 $(cat /proc/1/task/1/children)');
  }

  private get label(): string {
    return `label=com.docker.compose.project=${this.project}`;
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

export interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  readonly body: string;
}

export interface AskOptions {
  readonly method?: string;
  readonly body?: string;
  readonly token?: string;
}

/** Each request on a connection of its own: one that was kept may belong to a container that is gone. */
export async function ask(url: string, options: AskOptions = {}): Promise<Answer> {
  const { method = 'GET', body, token } = options;
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body ?? ''),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const sent = request(url, { method, headers, agent: false }).end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: answer.statusCode ?? 0, type: answer.headers['content-type'], body: await text(answer) };
}

/** Asks until `read` gives something; the error tells what was waited for. */
export async function eventually<T>(what: string, read: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    const value = await read();
    if (value !== undefined) return value;
    await sleep(250);
  }
  throw new Error(`not within 60 s: ${what}`);
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Finished {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, env, encoding: 'utf8', maxBuffer: 64e6 });
  return { status, output: status === 0 ? stdout : `${stdout}\n${stderr}` };
}
