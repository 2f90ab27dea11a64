/**
 * Secrets that postbacks may carry in their headers, by name: the file `NAME` holds the value, `NAME.hosts` the hosts that it may be
 * sent to. They are looked at every few seconds, since changes of mounted files are not reliably notified, and live in memory alone.
 * A file that turns bad changes nothing, the last good value stays and an error is logged; one that is gone is gone.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../logger.js';
import { createLoop } from '../loop.js';
import { isHeaderText } from '../template/headerRules.js';
import { SECRET_NAME } from '../template/compileHeaders.js';
import { parseSecretHosts, type AllowsDestination } from './secretHosts.js';

export type SecretLookup =
  | { readonly kind: 'found'; readonly value: string }
  /** `detail` names the secret, never its value. */
  | { readonly kind: 'refused'; readonly detail: string };

export interface SecretFiles {
  /** `destination`: `scheme://host:port`, where the secret is to be sent. */
  find(name: string, destination: string): SecretLookup;
  /** Reads the files now. */
  refresh(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

export interface SecretFilesDeps {
  /** Empty: there are no secrets. */
  readonly directory: string;
  readonly logger: Logger;
  readonly intervalMs?: number;
}

interface Secret {
  readonly value: string;
  readonly hostsText: string;
  readonly allows: AllowsDestination;
}

const INTERVAL_MS = 2_000;
const HOSTS = '.hosts';
/** A header has to hold it. */
const MAX_LENGTH = 4_096;
const MAX_SECRETS = 1_000;

export function createSecretFiles({ directory, logger, intervalMs = INTERVAL_MS }: SecretFilesDeps): SecretFiles {
  let secrets: ReadonlyMap<string, Secret> = new Map();
  const faults = new Map<string, string>();

  /** Each fault is logged once, when it begins. */
  const note = (secret: string, reason: string | undefined) => {
    if (reason !== undefined && faults.get(secret) !== reason) logger.error('secrets.unusable', { secret, reason });
    if (reason === undefined) faults.delete(secret);
    else faults.set(secret, reason);
  };
  const readOne = async (name: string): Promise<Secret | undefined> => {
    const known = secrets.get(name);
    try {
      const secret = await readSecret(directory, name, known);
      note(name, undefined);
      return secret;
    } catch (error) {
      note(name, (error as Error).message);
      return known;
    }
  };
  const refresh = async () => {
    const names = await listNames(directory);
    if (names instanceof Error) return note('', names.message);
    note('', undefined);
    const next = new Map<string, Secret>();
    for (const name of names) {
      const secret = await readOne(name);
      if (secret) next.set(name, secret);
    }
    const changed = [...new Set([...secrets.keys(), ...next.keys()])].filter(
      (name) => secrets.get(name) !== next.get(name),
    );
    if (changed.length > 0) logger.info('secrets.changed', { changed, names: [...next.keys()] });
    secrets = next;
  };
  const loop = createLoop(async () => {
    await refresh();
    return intervalMs;
  });
  return {
    find: (name, destination) => {
      const secret = secrets.get(name);
      if (!secret) return { kind: 'refused', detail: `there is no secret "${name}"` };
      if (secret.allows(destination)) return { kind: 'found', value: secret.value };
      return { kind: 'refused', detail: `the secret "${name}" may not be sent to ${destination}` };
    },
    refresh: () => (directory === '' ? Promise.resolve() : refresh()),
    start: () => (directory === '' ? undefined : loop.start()),
    stop: () => loop.stop(),
  };
}

/** The directory need not exist: most installations have no secrets. */
async function listNames(directory: string): Promise<readonly string[] | Error> {
  try {
    const names = (await readdir(directory)).filter((name) => SECRET_NAME.test(name) && !name.endsWith(HOSTS));
    return names.length <= MAX_SECRETS ? names : new Error(`there are more than ${MAX_SECRETS} files in ${directory}`);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? [] : (error as Error);
  }
}

/** Returns the known one when nothing has changed. @throws Error that does not show the value */
async function readSecret(directory: string, name: string, known: Secret | undefined): Promise<Secret> {
  const path = join(directory, name);
  const value = (await readFile(path, 'utf8')).trim();
  const hostsText = await readFile(path + HOSTS, 'utf8').catch(() => {
    throw new Error(`the file ${name}${HOSTS}, with the hosts that it may be sent to, cannot be read`);
  });
  if (known?.value === value && known.hostsText === hostsText) return known;
  if (value === '') throw new Error('the file is empty');
  if (value.length > MAX_LENGTH || !isHeaderText(value)) {
    throw new Error(`expected one line of at most ${MAX_LENGTH} characters, as a header may hold them`);
  }
  return { value, hostsText, allows: parseSecretHosts(hostsText) };
}
