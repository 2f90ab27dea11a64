/** Commands that hand this terminal over to another program: the log reader, the load generator, the operator command. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureNode24 } from './node24.js';
import type { LocalConfig } from './settings.js';
import { StackError } from './stackError.js';
import { readRunningState } from './stackState.js';
import type { UpDeps } from './up.js';

/** Follows the logs of all processes until it is interrupted. */
export async function logs({ layout }: UpDeps): Promise<number> {
  if (!readRunningState(layout)) throw new StackError('the local stack is not running: make up');
  const files = readdirSync(layout.logDir).filter((file) => file.endsWith('.log'));
  return runInForeground('tail', ['-n', '20', '-F', ...files.map((file) => join(layout.logDir, file))], process.env);
}

/** Runs the load generator against the stack. Its exit code is ours. */
export async function loadtest({ layout, env, report }: UpDeps, args: readonly string[]): Promise<number> {
  const state = readRunningState(layout);
  if (!state) throw new StackError('the local stack is not running: make up');
  const urls = { TARGET_URL: state.baseUrl, SINK_URL: state.sinkUrl, SINK_CONTROL_URL: state.sinkUrl };
  const resolver = { STACK_DNS_SERVERS: state.dnsServers };
  const script = join(layout.root, 'loadtest/dist/main.js');
  return runInForeground(ensureNode24(layout, report), [script, ...args], { ...env, ...urls, ...resolver });
}

/** Runs the dashboard's operator command against the stack. */
export async function operate({ layout, config, env, report }: UpDeps, args: readonly string[]): Promise<number> {
  const state = readRunningState(layout);
  if (!state) throw new StackError('the local stack is not running: make up');
  const script = join(layout.root, 'dashboard/dist/cli.js');
  const urls = state.services.flatMap(({ name, readyUrl }) => (readyUrl === undefined ? [] : [`${name}=${readyUrl}`]));
  const places = { BASE_URL: state.baseUrl, SERVICE_URLS: urls.join(), EDGE_TLS: tlsOf(config) };
  return runInForeground(ensureNode24(layout, report), [script, ...args], { ...env, ...places });
}

/** Where nginx speaks TLS, as reached from this machine. */
function tlsOf({ HTTPS_PORT, HTTP_BIND }: LocalConfig): string {
  if (HTTPS_PORT === undefined) return '';
  const isEverywhere = HTTP_BIND === '0.0.0.0' || HTTP_BIND === '::';
  return `${isEverywhere ? '127.0.0.1' : HTTP_BIND}:${HTTPS_PORT}`;
}

async function runInForeground(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  process.on('SIGINT', () => undefined); // the child gets it too, and ends in its own way
  const child = spawn(command, args, { env, stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 0;
}
