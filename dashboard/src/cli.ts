/**
 * The operator command: dead letters and cancelling, from a terminal. It only talks to the API: BASE_URL, or the dashboard of this
 * container. Wiring only.
 */
import { loadConfig, parseConfig } from '@postback/core/config';
import { createApi, CommandError } from './cli/api.js';
import { archive, cancel, dead, purge, redrive, type Command } from './cli/commands.js';
import { doctor } from './cli/doctor.js';
import { erase, find } from './cli/find.js';
import { destinations, drain, pause, restored, resume } from './cli/steer.js';
import { status } from './cli/status.js';
import { TIMEOUT_MS } from './doctor/gather.js';
import { dashboardSettings } from './config.js';

const USAGE = `usage: doctor   [--json]    exit code 1: somebody should look
       status   [--json]
       dead     [ID] [FILTER] [--limit N] [--json]
       redrive  ID... | FILTER | --all [--url URL] [--header 'Name: value']... [--per-second N] [--no-wait]
       redrive  --status | --stop JOB
       purge    ID... | FILTER | --all
       cancel   ID... | --destination URL
       archive  [--import FILE]
       find     ID... | --reference T
       erase    ID...
       destinations  [--limit N] [--json]
       pause    [REASON] [--destination URL]
       resume   [--destination URL]
       drain    [REASON]
FILTER: --reason R --host H --reference T --from TIME --to TIME   (TIME: 2026-01-31T12:00:00Z, or an age such as 2h)`;

const COMMANDS: Readonly<Record<string, Command>> = {
  status,
  dead,
  redrive,
  purge,
  cancel,
  archive,
  find,
  erase,
  pause,
  resume,
  drain,
  destinations,
  restored,
};
const { DASHBOARD_PORT: port, DASHBOARD_TOKEN: token, HTTP_BIND: bind, SERVICE_URLS, EDGE_TLS } = dashboardSettings;
const OWN_SETTINGS = { DASHBOARD_PORT: port, DASHBOARD_TOKEN: token, HTTP_BIND: bind, SERVICE_URLS, EDGE_TLS };
const FOLLOW_MS = 1_000;

async function main([name = '', ...args]: readonly string[]): Promise<void> {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command && name !== 'doctor') throw new CommandError(USAGE);
  const config = loadConfig((env) => parseConfig(OWN_SETTINGS, env));
  const { SERVICE_URLS: services, EDGE_TLS: tls, HTTP_BIND: bound } = config;
  const baseUrl = process.env['BASE_URL'] || `http://127.0.0.1:${config.DASHBOARD_PORT}`;
  const deps = {
    api: createApi(baseUrl, config.DASHBOARD_TOKEN),
    print: (line: string) => void process.stdout.write(`${line}\n`),
    followMs: FOLLOW_MS,
  };
  if (command) return command(args, deps);
  // Past nginx, which may be what is wrong.
  const own = /(?:^|,)dashboard=(http:\/\/[^/,]+)/.exec(services)?.[1] ?? baseUrl;
  process.exitCode = await doctor(
    args,
    { ...deps, api: createApi(own, config.DASHBOARD_TOKEN, TIMEOUT_MS) },
    { services, tls, bind: bound },
  );
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof CommandError ? error.message : String((error as Error).stack)}\n`);
  process.exitCode = 1;
});
