/**
 * How a postback is written while it is parked: the fields of a first attempt (entry.ts) with its id i, and only if there are any
 * its attempts made n, history a and settings s. Fields instead of a record, because equal field names cost nothing in a stream
 * and JSON would; scripts turn it into a record when it leaves.
 */
import { FORMAT_VERSION, HISTORY_LIMIT, type Postback } from '../entry.js';
import { packExtras } from '../postbackSettings.js';

/** What a parked postback costs beyond its values: measured in test/queue/parking.test.ts. */
const ENTRY_BYTES = 32;

export function parkedFields(postback: Postback): string[] {
  const { id, endpointHash, data, attemptsMade, history } = postback;
  const fields = ['v', String(FORMAT_VERSION), 'i', id, 'e', endpointHash, 'd', data];
  if (attemptsMade > 0) fields.push('n', String(attemptsMade), 'a', JSON.stringify(history.slice(-HISTORY_LIMIT)));
  const extras = packExtras(postback);
  if (extras) fields.push('s', JSON.stringify(extras));
  return fields;
}

/** Lua: bytesOf(fields) is what a parked entry counts towards its destination's bytes, the same whenever it is asked. */
export const BYTES_OF = `
local function bytesOf(fields)
  local bytes = ${ENTRY_BYTES}
  for i = 2, #fields, 2 do bytes = bytes + #fields[i] end
  return bytes
end
`;

/** Lua: acceptedAt(fields) in ms, from the postback's id. */
export const ACCEPTED_AT = `
local function acceptedAt(fields)
  for i = 1, #fields, 2 do
    if fields[i] == 'i' then return tonumber(string.match(fields[i + 1], '^%d+%-(%d+)')) end
  end
end
`;

/**
 * Lua: left(stream, parked, bytesByDestination, totals, destination, count, bytes) sets the accounts right after entries have been
 * deleted from a destination's stream; with the last one the stream and all mention of the destination go.
 */
export const PARKED_LEFT = `${ACCEPTED_AT}
local function left(stream, parked, bytesByDestination, totals, destination, count, bytes)
  if count > 0 then redis.call('HINCRBY', totals, 'parked', -count) end
  local head = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
  if head then
    redis.call('ZADD', parked, acceptedAt(head[2]), destination)
    redis.call('HINCRBY', bytesByDestination, destination, -bytes)
  else
    redis.call('DEL', stream)
    redis.call('ZREM', parked, destination)
    redis.call('HDEL', bytesByDestination, destination)
  end
end
`;
