/** What a worker holds: one pending entry of one of the work streams. */
export interface Held {
  readonly stream: string;
  readonly streamId: string;
  readonly consumer: string;
}

/**
 * The head of every script that moves a held entry. Guard first: is it still pending, and still this consumer's? Only then the
 * first write, the ack: a script whose first write frees something works even when memory is full.
 * Expects KEYS[1] stream and ARGV 1 group, 2 consumer, 3 stream id; returns 0 when the entry is somebody else's by now.
 */
export const RELEASE_HELD = `
if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[3], ARGV[3], 1, ARGV[2]) == 0 then return 0 end
redis.call('XACK', KEYS[1], ARGV[1], ARGV[3])
redis.call('XDEL', KEYS[1], ARGV[3])
`;
