/**
 * The API keys that open the door. When they come from a file it is looked at every few seconds and a change counts at once; a file
 * that turns bad changes nothing: the last good keys stay, an error is logged, and `fault` says so until it is mended.
 */
import { findSecret } from '@postback/core/access/secrets';
import { readSecretFile } from '@postback/core/config';
import type { Logger } from '@postback/core/logger';
import { createLoop } from '@postback/core/loop';
import { parseApiKeys, type ApiKey } from './parseApiKeys.js';

export interface ApiKeys {
  /** False: everyone may come in. */
  isRequired(): boolean;
  find(presented: string): ApiKey | undefined;
  /** What is wrong with the file now. */
  fault(): string | undefined;
  start(): void;
  stop(): Promise<void>;
}

export interface ApiKeysDeps {
  readonly keys: readonly ApiKey[];
  /** Where they came from, to follow it. Polled: a change of a mounted file is not reliably notified. */
  readonly file: string | undefined;
  readonly logger: Logger;
  readonly intervalMs?: number;
}

const INTERVAL_MS = 2_000;

export function createApiKeys({ keys, file, logger, intervalMs = INTERVAL_MS }: ApiKeysDeps): ApiKeys {
  let current = keys;
  let fault: string | undefined;
  let lastText: string | undefined;

  const take = (path: string) => {
    const text = readSecretFile(path);
    if (text === lastText && fault === undefined) return;
    const next = parseApiKeys(text);
    if (next.length === 0) throw new Error('it names no key');
    if (lastText !== undefined || fault !== undefined) {
      logger.info('api_keys.changed', { names: [...new Set(next.map(({ name }) => name))] });
    }
    [current, lastText, fault] = [next, text, undefined];
  };
  const follow = (path: string) => {
    try {
      take(path);
    } catch (error) {
      const found = `INGEST_API_KEYS_FILE cannot be used, the keys from before still count: ${(error as Error).message}`;
      if (found !== fault) logger.error('api_keys.unusable', { reason: found });
      fault = found;
    }
    return Promise.resolve(intervalMs);
  };
  const loop = createLoop(() => (file === undefined ? Promise.resolve(intervalMs) : follow(file)));
  return {
    isRequired: () => current.length > 0,
    find: (presented) => findSecret(presented, current),
    fault: () => fault,
    start: () => (file === undefined ? undefined : loop.start()),
    stop: () => loop.stop(),
  };
}
