/** status: everything on one screen. */
import type { ShownOverview } from '../overview/showOverview.js';
import type { Command } from './commands.js';
import { readOptions } from './options.js';

interface Line {
  readonly destination: string;
  readonly state: string;
  readonly parked: number;
}

const TOP_DESTINATIONS = 10;

export const status: Command = async (args, { api, print }) => {
  const { json } = readOptions(args, ['json']).values;
  const overview = await api.get<ShownOverview>('/api/overview');
  if (json) return print(JSON.stringify(overview, null, 2));
  if (overview.recent === null) return print('Redis does not answer: make doctor');
  const page = await api.get<{ destinations: Line[]; total: number }>(`/api/destinations?limit=${TOP_DESTINATIONS}`);
  linesOf(overview).forEach(print);
  print(`destinations not simply called: ${page.total}`);
  for (const { destination, state, parked } of page.destinations) print(`  ${destination}  ${state}  ${parked} parked`);
};

type Reached = Extract<ShownOverview, { recent: object }>;

function linesOf({
  at,
  books,
  backlog,
  unaccounted,
  recent,
  oldestWaitingSeconds,
  pause,
  drain,
  workers,
  redis,
}: Reached) {
  const { perSecond } = recent;
  const rate = (count: number) => count.toFixed(1);
  const alive = workers.filter(({ isAlive }) => isAlive);
  const sum = (of: 'slots' | 'busy') => alive.reduce((total, worker) => total + worker[of], 0);
  const memory = `${Math.ceil(redis.usedBytes / 2 ** 20)} of ${Math.floor(redis.maxBytes / 2 ** 20)} MiB`;
  return [
    `at          ${at}`,
    `per second  ${rate(perSecond.accepted)} accepted, ${rate(perSecond.delivered)} delivered, ${rate(perSecond.failedAttempts)} failed attempts, ${rate(perSecond.dead)} dead`,
    `books       ${books.accepted} accepted, ${books.delivered} delivered, ${unaccounted} unaccounted for`,
    `backlog     ${backlog.waiting} waiting, ${backlog.pending} pending, ${backlog.delayed} delayed, ${backlog.parked} parked, ${backlog.dead} dead`,
    `oldest      ${oldestWaitingSeconds === null ? 'nothing waits' : `${oldestWaitingSeconds} s`}`,
    `workers     ${alive.length} alive, ${sum('busy')} of ${sum('slots')} slots busy`,
    `delivery    ${pause ? `paused since ${pause.since} (${pause.by}: ${pause.reason})` : 'runs'}`,
    `requests    ${drain ? `not taken since ${drain.since} (${drain.by}: ${drain.reason})` : 'are taken'}`,
    `Redis       ${memory}, append-only file ${redis.aofEnabled && redis.lastWriteOk ? 'in order' : 'NOT in order: make doctor'}`,
  ];
}
