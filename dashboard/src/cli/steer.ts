/** The operator's commands about the installation as a whole: pausing, letting it go on, and what a restored backup would send. */
import type { Command } from './commands.js';
import { readOptions } from './options.js';

interface PauseState {
  readonly paused: boolean;
  readonly since?: string;
  readonly reason?: string;
}

/** pause [REASON]: what is accepted waits. */
export const pause: Command = async (args, { api, print }) => {
  const reason = readOptions(args, []).positionals.join(' ');
  const state = await api.post<PauseState>('/api/pause', reason === '' ? {} : { reason });
  print(`delivery is paused since ${state.since}: ${state.reason}; to go on: make resume`);
};

export const resume: Command = async (_args, { api, print }) => {
  await api.post<PauseState>('/api/resume', {});
  print('delivery goes on');
};

/** restored: for whoever has just put a backup in place. */
export const restored: Command = async (_args, { api, print }) => {
  const { books } = await api.get<{ books: Readonly<Record<string, number>> }>('/api/stats');
  const { waiting = 0, pending = 0, delayed = 0, parked = 0 } = books;
  const total = waiting + pending + delayed + parked;
  print(`paused; \`make resume\` would send ${total} postbacks, among them any that were`);
  print(`delivered after the backup (${waiting} waiting, ${pending} pending, ${delayed} delayed, ${parked} parked)`);
};
