/** API keys from their text, a list or a file: `name:key`, `name:key:rate` or a bare key, by commas or line by line. Pure. */
import { digestOf, secretFault, type KnownSecret } from '@postback/core/access/secrets';

export interface ApiKey extends KnownSecret {
  /** Whose it is: in logs, and the scope of an Idempotency-Key. */
  readonly name: string;
  /** Postbacks per second, where the key says it; `undefined`: as INGEST_KEY_RATE says. */
  readonly perSecond: number | undefined;
}

const NAME = /^[A-Za-z0-9._-]{1,64}$/;
const MAX_RATE = 1_000_000;

/**
 * A name may stand twice, with an old and a new key: that is how a key is exchanged. `#` begins a comment.
 * @throws Error saying which entry is wrong, never what the key is
 */
export function parseApiKeys(text: string): readonly ApiKey[] {
  const entries = text
    .split('\n')
    .flatMap((line) => line.replace(/#.*/, '').split(','))
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  const keys = entries.map(parseEntry);
  keys.forEach((key, index) => checkAgainst(keys.slice(0, index), key, index));
  return keys.map(({ name, digest, perSecond }) => ({ name, digest, perSecond }));
}

interface Entry extends ApiKey {
  readonly isNamed: boolean;
}

function parseEntry(entry: string, index: number): Entry {
  const parts = entry.split(':');
  const isNamed = parts.length > 1;
  const [name = '', key = '', rate, ...rest] = isNamed ? parts : [`key-${index + 1}`, entry];
  if (!NAME.test(name)) throw fault(index, 'its name is not 1 to 64 letters, digits, dots, dashes or underscores');
  if (rest.length > 0) throw fault(index, 'expected name:key or name:key:rate');
  const wrong = secretFault(key);
  if (wrong !== undefined) throw fault(index, `the key of ${name} ${wrong}`);
  return { name, isNamed, digest: digestOf(key), perSecond: rate === undefined ? undefined : parseRate(rate, index) };
}

/** 0 lifts the limit for this key. */
function parseRate(rate: string, index: number): number {
  const perSecond = /^\d{1,7}$/.test(rate) ? Number(rate) : NaN;
  if (!(perSecond <= MAX_RATE)) throw fault(index, `its rate is not a whole number up to ${MAX_RATE}`);
  return perSecond;
}

function checkAgainst(earlier: readonly Entry[], key: Entry, index: number): void {
  const twin = earlier.find(({ digest }) => digest.equals(key.digest));
  if (twin) throw fault(index, `it is the same key as that of ${twin.name}`);
  const namesake = earlier.find(({ name }) => name === key.name);
  if (!namesake) return;
  if (!namesake.isNamed || !key.isNamed) throw fault(index, `the name ${key.name} is taken; give every key a name`);
  if (namesake.perSecond !== key.perSecond) throw fault(index, `the keys of ${key.name} have different rates`);
}

function fault(index: number, why: string): Error {
  return new Error(`entry ${index + 1}: ${why}`);
}
