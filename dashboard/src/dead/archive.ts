/**
 * The archive of trimmed dead letters: files of JSON lines, compressed, in one directory. A batch is one gzip member, appended and on
 * disk before its letters leave Redis; gzip reads members one after another as one text (`zcat` does). Every start of the service
 * begins a file of its own, so a batch cut off by a crash is the end of its file, and its letters are still in Redis.
 */
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { promisify } from 'node:util';
import { constants, createGunzip, gzip } from 'node:zlib';
import type { BuriedLetter, DeadLetter } from '@postback/core/queue/deadLetter';
import type { Clock } from '@postback/core/clock';

export interface Archive {
  /** Returns when the letters are on disk. @throws errors of the file system */
  append(letters: readonly BuriedLetter[]): Promise<void>;
}

const compress = promisify(gzip);
/** Some 100,000 letters: importing a file is one request, which has to be answered within the proxy's 30 s. */
const DEFAULT_MAX_FILE_BYTES = 16 * 1024 * 1024;
const FILE_NAME = /^dead-[\dTZ-]+-\d+\.jsonl\.gz$/;

interface ArchiveDeps {
  readonly directory: string;
  readonly clock: Clock;
  readonly maxFileBytes?: number;
}

export function createArchive({ directory, clock, maxFileBytes = DEFAULT_MAX_FILE_BYTES }: ArchiveDeps): Archive {
  let current: { readonly path: string; bytes: number } | undefined;
  let count = 0;
  const nextFile = () => {
    const startedAt = new Date(clock.now()).toISOString().replaceAll(/[:.]/g, '-');
    return { path: join(directory, `dead-${startedAt}-${++count}.jsonl.gz`), bytes: 0 };
  };
  return {
    append: async (letters) => {
      const lines = letters.map(({ letter, diedAt }) => `${JSON.stringify({ diedAt, letter })}\n`);
      const member = await compress(lines.join(''));
      if (current && current.bytes >= maxFileBytes) current = undefined;
      const file = (current ??= nextFile());
      try {
        await mkdir(directory, { recursive: true });
        await appendDurably(file.path, member);
        file.bytes += member.length;
      } catch (error) {
        current = undefined; // it may end within a member now: nothing may follow
        throw error;
      }
    },
  };
}

async function appendDurably(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'a', 0o600);
  try {
    await file.appendFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

export interface ArchiveFile {
  readonly name: string;
  readonly bytes: number;
}

/** Oldest first; none when nothing has been archived yet. */
export async function listArchive(directory: string): Promise<ArchiveFile[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const ours = names.filter(isArchiveFile).sort();
  return Promise.all(ours.map(async (name) => ({ name, bytes: (await stat(join(directory, name))).size })));
}

/** No other file may be asked for. */
export function isArchiveFile(name: string): boolean {
  return FILE_NAME.test(name);
}

/** The letters of one file; it may end within a batch that never left Redis. @throws when it is not compressed */
export async function* readArchive(path: string): AsyncGenerator<DeadLetter> {
  const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH }); // takes a cut end for the end
  const text = pipeline(createReadStream(path), gunzip, () => undefined).setEncoding('utf8');
  let rest = '';
  for await (const chunk of text) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines.map(parseLine).filter((letter) => letter !== undefined);
  }
}

function parseLine(line: string): DeadLetter | undefined {
  try {
    const { letter } = JSON.parse(line) as { letter?: DeadLetter };
    return typeof letter?.id === 'string' && typeof letter.data === 'string' ? letter : undefined;
  } catch {
    return undefined;
  }
}
