/**
 * JSON lines on stdout, by winston: the event name is the message, the fields are snake_case, and an Error keeps its name,
 * message, stack, code and cause at every depth (winston's own JSON format prints a nested Error as `{}`).
 */
import type { Writable } from 'node:stream';
import winston from 'winston';

export type Fields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(event: string, fields?: Fields): void;
  info(event: string, fields?: Fields): void;
  warn(event: string, fields?: Fields): void;
  error(event: string, fields?: Fields): void;
}

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const MESSAGE = Symbol.for('message');

/** Lines go to `stream`, by default stdout. */
export function createLogger(service: string, level: LogLevel, stream: Writable = process.stdout): Logger {
  const logger = winston.createLogger({
    level,
    format: { transform: (entry) => Object.assign(entry, { [MESSAGE]: formatLine(service, entry) }) },
    transports: [new winston.transports.Stream({ stream, eol: '\n' })],
  });
  // winston formats a line before it finds that its level is not logged
  const write = (wanted: LogLevel) =>
    LOG_LEVELS.indexOf(wanted) > LOG_LEVELS.indexOf(level)
      ? noop
      : (event: string, fields?: Fields) => void logger.log(wanted, event, { fields });
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

/** A logger that says nothing, for tests and tools whose output is not a log. */
export const silentLogger: Logger = { debug: noop, info: noop, warn: noop, error: noop };

function formatLine(service: string, entry: winston.Logform.TransformableInfo): string {
  const fields = entry['fields'] as Fields | undefined;
  const line = { at: new Date().toISOString(), level: entry.level, service, event: entry.message, ...fields };
  return JSON.stringify(line, plainValue);
}

function plainValue(_key: string, value: unknown): unknown {
  if (value instanceof Error) {
    const { name, message, stack, cause } = value;
    return { name, message, code: (value as { code?: unknown }).code, cause, stack };
  }
  return typeof value === 'bigint' ? value.toString() : value;
}

function noop(): void {}
