/** Asks services whether they are ready. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningService } from './stackState.js';

/** `undefined` when ready, else what is wrong, in a few words. */
export async function whyNotReady({ readyUrl }: RunningService): Promise<string | undefined> {
  if (readyUrl === undefined) return undefined;
  try {
    const answer = await fetch(readyUrl, { signal: AbortSignal.timeout(2_000) });
    return answer.ok ? undefined : `${readyUrl} answers ${answer.status}: ${(await answer.text()).slice(0, 500)}`;
  } catch {
    return `${readyUrl} does not answer`;
  }
}

/**
 * Waits until all are ready. `read` gives the services anew each time: they may restart meanwhile, or all be gone.
 * @returns those that are not, each with its reason, when the time is up
 */
export async function awaitReady(
  read: () => readonly RunningService[] | undefined,
  timeoutMs: number,
): Promise<readonly { readonly name: string; readonly reason: string }[]> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const services = read();
    if (!services) return [{ name: 'supervisor', reason: 'it has ended' }];
    const reasons = await Promise.all(services.map(whyNotReady));
    const waiting = services.flatMap(({ name }, index) => {
      const reason = reasons[index];
      return reason === undefined ? [] : [{ name, reason }];
    });
    if (waiting.length === 0 || performance.now() > deadline) return waiting;
    await sleep(100);
  }
}
