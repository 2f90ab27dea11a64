/**
 * What Redis says about itself: how it keeps its data (CONFIG) and how it is doing (INFO). Cheap enough to ask every second.
 * Reads only; what the answers mean is judged by whoever asked.
 */
import type { RedisSender } from './script.js';

/** The settings that a promise depends on, as Redis runs with them now. */
export interface RedisSettings {
  readonly appendonly: string;
  readonly appendfsync: string;
  readonly maxmemoryPolicy: string;
  /** 0 = no limit. */
  readonly maxmemoryBytes: number;
}

export interface RedisFigures {
  /** Redis has just started and reads its files; it answers nothing else until it has. */
  readonly isLoading: boolean;
  /** What counts against maxmemory. */
  readonly usedMemoryBytes: number;
  /** 0 = no limit. */
  readonly maxmemoryBytes: number;
  /** The machine's, which a container's limit may be below. */
  readonly systemMemoryBytes: number;
  /** Nothing is kept on disk without it. */
  readonly isAofOn: boolean;
  /** `false`: the last write to the append-only file failed, most often because the disk is full. */
  readonly isLastWriteOk: boolean;
  /** `false`: the file could not be rewritten, so it grows; a full disk or no memory for the fork. */
  readonly isLastRewriteOk: boolean;
}

/** @throws a Redis error when CONFIG is forbidden (NOPERM) or does not exist */
export async function readSettings(redis: RedisSender): Promise<RedisSettings> {
  const names = ['appendonly', 'appendfsync', 'maxmemory-policy', 'maxmemory'];
  const reply = (await redis.send('', ['CONFIG', 'GET', ...names])) as string[];
  const found = new Map<string, string>();
  for (let i = 0; i + 1 < reply.length; i += 2) found.set(reply[i] as string, reply[i + 1] as string);
  const [appendonly = '', appendfsync = '', maxmemoryPolicy = '', maxmemory] = names.map((name) => found.get(name));
  return { appendonly, appendfsync, maxmemoryPolicy, maxmemoryBytes: Number(maxmemory) };
}

/** @throws a Redis error when INFO is forbidden */
export async function readFigures(redis: RedisSender): Promise<RedisFigures> {
  return parseFigures((await redis.send('', ['INFO', 'memory', 'persistence'])) as string);
}

/** `text` is INFO's answer: lines of `name:value`. */
export function parseFigures(text: string): RedisFigures {
  const found = new Map(text.split('\r\n').map((line) => line.split(':', 2) as [string, string]));
  const number = (name: string) => Number(found.get(name) ?? 0);
  return {
    isLoading: found.get('loading') === '1',
    usedMemoryBytes: number('used_memory') - number('mem_not_counted_for_evict'),
    maxmemoryBytes: number('maxmemory'),
    systemMemoryBytes: number('total_system_memory'),
    isAofOn: found.get('aof_enabled') === '1',
    isLastWriteOk: (found.get('aof_last_write_status') ?? 'ok') === 'ok',
    isLastRewriteOk: (found.get('aof_last_bgrewrite_status') ?? 'ok') === 'ok',
  };
}
