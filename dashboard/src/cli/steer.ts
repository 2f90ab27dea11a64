/** The operator's commands about the installation as a whole: pausing, letting it go on, and what a restored backup would send. */
import type { Command } from './commands.js';
import { readOptions } from './options.js';

interface PauseState {
  readonly paused: boolean;
  readonly since?: string;
  readonly reason?: string;
}

/** pause [REASON]: what is accepted waits; --destination: only what is for it. */
export const pause: Command = async (args, { api, print }) => {
  const { values, positionals } = readOptions(args, ['destination']);
  const reason = positionals.join(' ');
  const body = reason === '' ? {} : { reason };
  const { destination } = values;
  const path = destination === undefined ? '/api/pause' : `${pathOf(destination)}/pause`;
  const state = await api.post<PauseState>(path, body);
  const [what, how] =
    destination === undefined ? ['delivery', ''] : [`delivery to ${destination}`, optionFor(destination)];
  print(`${what} is paused since ${state.since}: ${state.reason}; to go on: make resume${how}`);
};

/** resume: after a pause of everything, and after a drain; --destination: after a pause of it. */
export const resume: Command = async (args, { api, print }) => {
  const { destination } = readOptions(args, ['destination']).values;
  await api.post<PauseState>(destination === undefined ? '/api/resume' : `${pathOf(destination)}/resume`, {});
  print(destination === undefined ? 'delivery goes on' : `delivery to ${destination} goes on`);
};

/** drain [REASON]: no request is taken; says how much is left. */
export const drain: Command = async (args, { api, print }) => {
  const reason = readOptions(args, []).positionals.join(' ');
  const state = await api.post<{ since: string; left: number }>('/api/drain', reason === '' ? {} : { reason });
  print(`no request is taken since ${state.since}; ${state.left} postbacks are left; to end it: make resume`);
};

interface Listed {
  readonly destination: string;
  readonly state: string;
  readonly parked: number;
  readonly parkedBytes: number;
  readonly oldestSeconds?: number;
}

/** destinations: those that are not simply called, the longest line first. */
export const destinations: Command = async (args, { api, print }) => {
  const { values } = readOptions(args, ['limit', 'json']);
  const query = new URLSearchParams({ limit: values.limit ?? '50' });
  const page = await api.get<{ destinations: Listed[]; total: number }>(`/api/destinations?${query.toString()}`);
  if (page.destinations.length === 0 && !values.json) print('nothing is parked, and nothing holds');
  for (const listed of page.destinations) print(values.json ? JSON.stringify(listed) : lineOf(listed));
  const more = page.total - page.destinations.length;
  if (more > 0 && !values.json) print(`... and ${more} more: --limit 500`);
};

function lineOf({ destination, state, parked, parkedBytes, oldestSeconds }: Listed): string {
  const oldest = oldestSeconds === undefined ? '' : `, the oldest accepted ${oldestSeconds} s ago`;
  return `${destination}  ${state}  ${parked} parked (${Math.ceil(parkedBytes / 1_024)} KiB)${oldest}`;
}

function pathOf(destination: string): string {
  return `/api/destinations/${encodeURIComponent(destination)}`;
}

function optionFor(destination: string): string {
  return ` ARGS="--destination ${destination}"`;
}

/** restored: for whoever has just put a backup in place. */
export const restored: Command = async (_args, { api, print }) => {
  const { books } = await api.get<{ books: Readonly<Record<string, number>> }>('/api/stats');
  const { waiting = 0, pending = 0, delayed = 0, parked = 0 } = books;
  const total = waiting + pending + delayed + parked;
  print(`paused; \`make resume\` would send ${total} postbacks, among them any that were`);
  print(`delivered after the backup (${waiting} waiting, ${pending} pending, ${delayed} delayed, ${parked} parked)`);
};
