/**
 * Asks for the state of postbacks until each has come to its end. In turn, with short questions: a browser has six connections to a
 * host, and one that waits long would keep the rest of the page from asking.
 */
import { asFault, type Fault } from '../api/fault.js';
import { request } from '../api/request.js';
import type { PostbackStatus } from '../api/types.js';
import { isFinal } from '../story/states.js';

export type Found =
  { readonly kind: 'status'; readonly status: PostbackStatus } | { readonly kind: 'fault'; readonly fault: Fault };

const PAUSE_MS = 1_000;

export async function followPostbacks(
  ids: readonly string[],
  tell: (id: string, found: Found) => void,
  signal: AbortSignal,
): Promise<void> {
  const open = new Set(ids);
  while (open.size > 0 && !signal.aborted) {
    // The answer to the last one comes as soon as it has ended.
    const wait = open.size === 1 ? '?waitSeconds=2' : '';
    for (const id of [...open]) {
      const found = await ask(`api/postbacks/${encodeURIComponent(id)}${wait}`, signal);
      if (signal.aborted) return;
      tell(id, found);
      if (found.kind === 'status' && isFinal(found.status.state)) open.delete(id);
    }
    if (open.size > 0) await pause(wait === '' ? PAUSE_MS / 2 : PAUSE_MS, signal);
  }
}

async function ask(path: string, signal: AbortSignal): Promise<Found> {
  try {
    return { kind: 'status', status: await request<PostbackStatus>(path, { signal }) };
  } catch (error) {
    return { kind: 'fault', fault: asFault(error) };
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
