/** What the two processes of the BullMQ peer share: the queue's name, its connection and the shape of a job. */
import type { PeerRequest } from './render.js';

export const QUEUE_NAME = 'postbacks';

export interface PostbackJob {
  readonly endpoint: PeerRequest['endpoint'];
  readonly data: PeerRequest['data'][number];
}

/** From REDIS_URL and REDIS_PASSWORD_FILE's content in REDIS_PASSWORD. */
export function connectionOf(env: NodeJS.ProcessEnv) {
  const { hostname, port, username } = new URL(env['REDIS_URL'] ?? 'redis://127.0.0.1:6379');
  const password = env['REDIS_PASSWORD'] ?? '';
  return { host: hostname, port: Number(port), username: username || 'default', password, maxRetriesPerRequest: null };
}
