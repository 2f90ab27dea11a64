/** /api/archive: the files of trimmed dead letters, and bringing one of them back. */
import { join } from 'node:path';
import { Problem } from '@postback/core/problem';
import type { DeadLetter } from '@postback/core/queue/deadLetter';
import type { DeadLetters } from '@postback/core/queue/deadLetters';
import express, { type Router } from 'express';
import { audit } from '../audit.js';
import { isArchiveFile, listArchive, readArchive } from '../dead/archive.js';
import { readJson } from './input.js';

export interface ArchiveDeps {
  readonly dead: Pick<DeadLetters, 'restore'>;
  /** '' = there is none. */
  readonly archiveDirectory: string;
}

const BATCH = 200;

export function archiveRouter({ dead, archiveDirectory }: ArchiveDeps): Router {
  const router = express.Router();
  router.get('/archive', async (_request, response) => {
    response.json({ files: archiveDirectory === '' ? [] : await listArchive(archiveDirectory) });
  });
  router.post('/archive/:file/import', ...readJson, async (request, response) => {
    const file = request.params['file'] as string;
    const files = archiveDirectory !== '' && isArchiveFile(file) ? await listArchive(archiveDirectory) : [];
    if (!files.some(({ name }) => name === file)) {
      throw new Problem('not-found', { detail: `there is no archive file ${file.slice(0, 64)}` });
    }
    const counts = await importFile(join(archiveDirectory, file), dead);
    audit(response, 'import', { file, ...counts });
    response.json(counts);
  });
  return router;
}

/** Letters that are there already are skipped, so an import that failed half way is simply made again. */
async function importFile(path: string, dead: ArchiveDeps['dead']): Promise<{ imported: number; skipped: number }> {
  let [imported, skipped] = [0, 0];
  let batch: DeadLetter[] = [];
  const flush = async () => {
    const restored = await Promise.all(batch.map((letter) => dead.restore(letter)));
    imported += restored.filter(Boolean).length;
    skipped += restored.filter((isRestored) => !isRestored).length;
    batch = [];
  };
  for await (const letter of readArchive(path)) {
    batch.push(letter);
    if (batch.length === BATCH) await flush();
  }
  await flush();
  return { imported, skipped };
}
