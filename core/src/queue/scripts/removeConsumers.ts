/** Consumer names are unique per process start, so those of ended processes are cleared away: only at 0 pending. */
import { GROUP } from '../keys.js';
import type { RedisSender } from '../script.js';
import { defineScript, runScript } from '../script.js';

// KEYS 1 stream
// ARGV 1 group, 2 silent for at least so many ms, 3 only this consumer ('' = any)
// Returns the removed names. Looking and removing is one step: DELCONSUMER drops what is pending, so it must be nothing.
const script = defineScript(
  'removeConsumers',
  `
local removed = {}
local consumers = redis.pcall('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])
if consumers.err then return removed end
for _, info in ipairs(consumers) do
  local consumer = {}
  for i = 1, #info, 2 do consumer[info[i]] = info[i + 1] end
  local wanted = ARGV[3] == '' or ARGV[3] == consumer.name
  if wanted and consumer.pending == 0 and consumer.idle >= tonumber(ARGV[2]) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], consumer.name)
    table.insert(removed, consumer.name)
  end
end
return removed
`,
);

export async function removeConsumers(
  redis: RedisSender,
  stream: string,
  { silentMs, only = '' }: { silentMs: number; only?: string },
): Promise<string[]> {
  return (await runScript(redis, script, [stream], [GROUP, String(silentMs), only])) as string[];
}
