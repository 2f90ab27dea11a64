/** Memory of a process, read from /proc. */
import { readFileSync } from 'node:fs';

/** Resident set in MB; 0 where there is no /proc. */
export function rssOf(pid: number): number {
  try {
    const [, kb = '0'] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Math.round(Number(kb) / 1_024);
  } catch {
    return 0;
  }
}
