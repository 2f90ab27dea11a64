/**
 * The operator command: dead letters and cancelling, from a terminal. It only talks to the API: BASE_URL, or the dashboard of this
 * container. Wiring only.
 */
import { loadConfig, parseConfig } from '@postback/core/config';
import { createApi, CommandError } from './cli/api.js';
import { archive, cancel, dead, purge, redrive, type Command } from './cli/commands.js';
import { erase, find } from './cli/find.js';
import { destinations, drain, pause, restored, resume } from './cli/steer.js';
import { dashboardSettings } from './config.js';

const USAGE = `usage: dead     [ID] [FILTER] [--limit N] [--json]
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
const { DASHBOARD_PORT: port, DASHBOARD_TOKEN: token } = dashboardSettings;
const OWN_SETTINGS = { DASHBOARD_PORT: port, DASHBOARD_TOKEN: token };
const FOLLOW_MS = 1_000;

async function main([name = '', ...args]: readonly string[]): Promise<void> {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) throw new CommandError(USAGE);
  const { DASHBOARD_PORT, DASHBOARD_TOKEN } = loadConfig((env) => parseConfig(OWN_SETTINGS, env));
  const api = createApi(process.env['BASE_URL'] || `http://127.0.0.1:${DASHBOARD_PORT}`, DASHBOARD_TOKEN);
  await command(args, { api, print: (line) => void process.stdout.write(`${line}\n`), followMs: FOLLOW_MS });
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof CommandError ? error.message : String((error as Error).stack)}\n`);
  process.exitCode = 1;
});
