/** The operator's commands about single postbacks: where they are, and erasing what is kept of them. */
import { CommandError } from './api.js';
import type { Command } from './commands.js';
import { readOptions } from './options.js';

/** find ID…, or --reference: all there is to know, as JSON. */
export const find: Command = async (args, { api, print }) => {
  const { values, positionals } = readOptions(args, ['reference']);
  if (positionals.length === 0 && values.reference === undefined) {
    throw new CommandError('expected postback ids, or --reference TEXT');
  }
  for (const id of positionals) print(toText(await api.get(pathOf(id))));
  if (values.reference === undefined) return;
  const query = new URLSearchParams({ reference: values.reference });
  const found = await api.get<{ postbacks: object[]; isComplete: boolean }>(`/api/postbacks?${query.toString()}`);
  for (const postback of found.postbacks) print(toText(postback));
  if (found.postbacks.length === 0) print('no postback of this reference is known');
  if (!found.isComplete) print('... there may be more');
};

/** erase ID…: cancelled if it waits, then its letter and its attempts go. */
export const erase: Command = async (args, { api, print }) => {
  const { positionals } = readOptions(args, []);
  if (positionals.length === 0) throw new CommandError('expected postback ids');
  for (const id of positionals) {
    const path = `${pathOf(id)}/erase`;
    const { letters, attempts } = await api.post<{ letters: number; attempts: number }>(path, {});
    print(`${id} erased: ${letters} dead letters, ${attempts} attempts`);
  }
};

function pathOf(id: string): string {
  return `/api/postbacks/${encodeURIComponent(id)}`;
}

function toText(answer: object): string {
  return JSON.stringify(answer, null, 2);
}
