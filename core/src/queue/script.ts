/** Running a Lua script by its SHA1: the text crosses the wire only when Redis does not have it yet (start, restart, FLUSH). */
import { createHash } from 'node:crypto';

/** The little that the queue needs of a Redis client; `key` is what a cluster client routes by. */
export interface RedisSender {
  send(key: string, args: readonly string[]): Promise<unknown>;
}

export interface Script {
  readonly name: string;
  readonly lua: string;
  readonly sha: string;
}

export function defineScript(name: string, lua: string): Script {
  return { name, lua, sha: createHash('sha1').update(lua).digest('hex') };
}

/** `keys[0]` decides the routing. Errors are those of Redis or of the connection. */
export async function runScript(redis: RedisSender, script: Script, keys: readonly string[], args: readonly string[]) {
  const tail = [String(keys.length), ...keys, ...args];
  const key = keys[0] as string;
  try {
    return await redis.send(key, ['EVALSHA', script.sha, ...tail]);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return redis.send(key, ['EVAL', script.lua, ...tail]);
  }
}
