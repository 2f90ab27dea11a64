/** Free space of the disk under a directory. */
import { statfs } from 'node:fs/promises';
import { withinDeadline } from '@postback/core/withinDeadline';

/** A disk that does not answer, a network mount for example, must not hold up the other checks. */
const ANSWER_MS = 500;

/** @throws when the directory is not there or its disk does not answer */
export async function readDiskFree(directory: string): Promise<number> {
  const { bavail, bsize } = await withinDeadline(statfs(directory), ANSWER_MS);
  return bavail * bsize;
}
