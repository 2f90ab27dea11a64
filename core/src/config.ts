/**
 * Settings: environment variables, read once at start, checked together and frozen.
 * A schema maps a variable's name to a `Setting`; it is the one source that `.env.example`, docs/configuration.md and the
 * start-up check are tied to by a test. A wrong value ends the process with one line per fault and exit code 1.
 */
import { readFileSync, statSync } from 'node:fs';

/** One environment variable. `parse` throws an Error whose message says what was expected. */
export interface Setting<T> {
  /** What it means, one or two sentences for the operator. */
  readonly description: string;
  /** The value when unset, as it would be written in `.env`. `undefined` means: required. */
  readonly default: string | undefined;
  /** A secret: may also come from the file named by `<NAME>_FILE`, and is never printed. */
  readonly secret?: boolean;
  readonly parse: (text: string) => T;
}

export type Schema = Readonly<Record<string, Setting<unknown>>>;
export type Config<S extends Schema> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never };
export type Environment = Readonly<Record<string, string | undefined>>;

export class ConfigError extends Error {
  readonly code = 'INVALID_SETTING';
  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'));
  }
}

/**
 * Reads every setting of `schema` from `env`. A variable that is set but empty counts as unset.
 * @throws ConfigError naming each faulty variable
 */
export function parseConfig<S extends Schema>(schema: S, env: Environment): Config<S> {
  const faults: string[] = [];
  const values = Object.entries(schema).map(([name, setting]) => [name, readSetting(name, setting, env, faults)]);
  if (faults.length > 0) throw new ConfigError(faults);
  return Object.freeze(Object.fromEntries(values)) as Config<S>;
}

/** For main.ts: a fault is printed, one line each, and ends the process with exit code 1. */
export function loadConfig<C>(parse: (env: Environment) => C): C {
  try {
    return parse(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const fault of error.faults) process.stderr.write(`${fault}\n`);
    process.exit(1);
  }
}

function readSetting(name: string, setting: Setting<unknown>, env: Environment, faults: string[]): unknown {
  try {
    const text = readText(name, setting, env) ?? setting.default;
    if (text === undefined) throw new Error('is required and not set');
    return setting.parse(text);
  } catch (error) {
    faults.push(`invalid setting ${name}: ${(error as Error).message}`);
    return undefined;
  }
}

function readText(name: string, setting: Setting<unknown>, env: Environment): string | undefined {
  const file = setting.secret ? secretFile(name, env) : undefined;
  if (file !== undefined) return readSecretFile(file);
  return env[name] || undefined;
}

/** The file that a secret comes from. `/dev/null`, which Compose mounts where none is named, counts as none. */
export function secretFile(name: string, env: Environment): string | undefined {
  const file = env[name] ? undefined : env[`${name}_FILE`];
  return file && !statSync(file).isCharacterDevice() ? file : undefined;
}

/** @throws Error when there is nothing in it: a file that was meant to lock a door must not leave it open */
export function readSecretFile(file: string): string {
  const content = readFileSync(file, 'utf8').trim();
  if (content === '') throw new Error(`the file ${file} is empty`);
  return content;
}
