/** CPU time and memory of processes and of all that they started, from /proc; works on Linux only. */
import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ: a constant of the interface, whatever the kernel's own tick is. */
const TICKS_PER_SECOND = 100;

export interface Usage {
  /** User and system time, ms; that of a child that has ended stands with its parent, such as the one that rewrites Redis's file. */
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

/** The highest that the kernel has seen since they started, summed up; bytes. @throws where there is no /proc */
export function peakRssOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + peakOf(readFileSync(`/proc/${pid}/status`, 'utf8')), 0);
}

function peakOf(status: string): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) * 1_024;
}

interface ProcessStat {
  readonly parent: number;
  /** User and system time, its own and that of its ended children. */
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
    const [parent = 0, rssPages = 0, ...ticks] = [1, 21, 11, 12, 13, 14].map((index) => Number(fields[index]));
    return [[pid, { parent, ticks: ticks.reduce((sum, part) => sum + part, 0), rssPages }]];
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
