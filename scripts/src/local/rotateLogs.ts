/**
 * Keeps the logs of the local stack within bounds: a file beyond the limit is copied to `.1` (and `.1` becomes `.2` ...) and emptied in
 * place, because its writer keeps it open. What is written between the last copied byte and the emptying, microseconds, is lost.
 */
import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

export interface LogLimits {
  readonly maxBytes: number;
  /** How many old files are kept. */
  readonly keep: number;
}

/** 100,000 deliveries write 41 MB: this keeps about the last 150,000 of each process. */
export const LOG_LIMITS: LogLimits = { maxBytes: 20 * 1024 * 1024, keep: 2 };

export function rotateLogs(directory: string, { maxBytes, keep }: LogLimits): void {
  for (const name of readdirSync(directory).filter((file) => file.endsWith('.log'))) {
    const file = join(directory, name);
    if (statSync(file).size > maxBytes) rotate(file, keep);
  }
}

function rotate(file: string, keep: number): void {
  for (let age = keep; age > 1; age--) {
    if (existsSync(`${file}.${age - 1}`)) renameSync(`${file}.${age - 1}`, `${file}.${age}`);
  }
  const source = openSync(file, 'r+');
  const copy = openSync(`${file}.1`, 'w');
  const chunk = Buffer.allocUnsafe(1024 * 1024);
  for (let read = readSync(source, chunk); read > 0; read = readSync(source, chunk)) writeSync(copy, chunk, 0, read);
  ftruncateSync(source);
  closeSync(copy);
  closeSync(source);
}
