/** CPU time of processes and of all that they started, from /proc; works on Linux only. */
import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ: a constant of the interface, whatever the kernel's own tick is. */
const TICKS_PER_SECOND = 100;

export interface Usage {
  /** User and system time, ms. A process that has ended meanwhile no longer counts. */
  readonly cpuMs: number;
  /** Resident set of all of them, bytes; shared pages count for each. */
  readonly rssBytes: number;
}

/** @throws where there is no /proc */
export function usageOf(roots: readonly number[]): Usage {
  const processes = readAll();
  const members = withDescendants(roots, processes);
  const found = members.map((pid) => processes.get(pid)).filter((entry) => entry !== undefined);
  return {
    cpuMs: found.reduce((sum, { ticks }) => sum + ticks, 0) * (1_000 / TICKS_PER_SECOND),
    rssBytes: found.reduce((sum, { rssPages }) => sum + rssPages, 0) * PAGE_BYTES,
  };
}

const PAGE_BYTES = 4_096;

interface ProcessStat {
  readonly parent: number;
  readonly ticks: number;
  readonly rssPages: number;
}

function readAll(): ReadonlyMap<number, ProcessStat> {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return new Map(pids.flatMap((pid) => readOne(Number(pid))));
}

function readOne(pid: number): [number, ProcessStat][] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // the name before it may hold anything; field 3 comes first
    const [parent, user, system, rssPages] = [1, 11, 12, 21].map((index) => Number(fields[index]));
    return [[pid, { parent: parent ?? 0, ticks: (user ?? 0) + (system ?? 0), rssPages: rssPages ?? 0 }]];
  } catch {
    return []; // it ended between the two reads
  }
}

function withDescendants(roots: readonly number[], processes: ReadonlyMap<number, ProcessStat>): number[] {
  const members = new Set(roots);
  for (let before = -1; before !== members.size;) {
    before = members.size;
    for (const [pid, { parent }] of processes) if (members.has(parent)) members.add(pid);
  }
  return [...members];
}
