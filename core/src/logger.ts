/**
 * JSON lines on stdout, by winston: the event name is the message, the fields are snake_case, and an Error keeps its name,
 * message, stack, code and cause at every depth (winston's own JSON format prints a nested Error as `{}`).
 *
 * Lines of one turn of the event loop are written together at its end, before anything that comes of them: winston and the system
 * call cost three times as much as a line (docs/performance.md). A warning or an error is written at once, with what was gathered.
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

const LEVEL = Symbol.for('level');
const MESSAGE = Symbol.for('message');
const URGENT: ReadonlySet<LogLevel> = new Set(['error', 'warn']);
/** More is not gathered, in characters. */
const GATHERED_LIMIT = 64 * 1024;

/** Lines go to `stream`, by default stdout. */
export function createLogger(service: string, level: LogLevel, stream: Writable = process.stdout): Logger {
  const writer = createWriter(stream);
  const write = (wanted: LogLevel) => {
    if (LOG_LEVELS.indexOf(wanted) > LOG_LEVELS.indexOf(level)) return noop;
    const isUrgent = URGENT.has(wanted);
    const about = `","level":"${wanted}","service":${JSON.stringify(service)},"event":`;
    return (event: string, fields?: Fields) => {
      writer.add(`{"at":"${new Date().toISOString()}${about}${formatRest(event, fields)}`);
      if (isUrgent) writer.flush();
    };
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

/** A logger that says nothing, for tests and tools whose output is not a log. */
export const silentLogger: Logger = { debug: noop, info: noop, warn: noop, error: noop };

function createWriter(stream: Writable) {
  const transports = [new winston.transports.Stream({ stream, eol: '\n' })];
  const logger = winston.createLogger({ format: { transform: (entry) => entry }, transports });
  let gathered = '';
  let isScheduled = false;

  function flush(): void {
    if (gathered === '') return;
    logger.write({ level: 'info', [LEVEL]: 'info', message: '', [MESSAGE]: gathered });
    gathered = '';
  }

  return {
    add: (line: string) => {
      gathered += gathered === '' ? line : `\n${line}`;
      if (gathered.length > GATHERED_LIMIT) return flush();
      if (isScheduled) return;
      isScheduled = true;
      setImmediate(() => {
        isScheduled = false;
        flush();
      });
    },
    flush,
  };
}

/** The event and its fields, and the end of the line. */
function formatRest(event: string, fields: Fields | undefined): string {
  const members = fields === undefined ? '{}' : JSON.stringify(fields, isPlain(fields) ? undefined : plainValue);
  return members === '{}' ? `${JSON.stringify(event)}}` : `${JSON.stringify(event)},${members.slice(1)}`;
}

/** A replacer is called for each field, and takes longer than all the rest. */
function isPlain(fields: Fields): boolean {
  for (const name in fields) {
    const value = fields[name];
    if ((typeof value === 'object' && value !== null) || typeof value === 'bigint') return false;
  }
  return true;
}

function plainValue(_key: string, value: unknown): unknown {
  if (value instanceof Error) {
    const { name, message, stack, cause } = value;
    return { name, message, code: (value as { code?: unknown }).code, cause, stack };
  }
  return typeof value === 'bigint' ? value.toString() : value;
}

function noop(): void {}
