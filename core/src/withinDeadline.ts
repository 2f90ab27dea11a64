/** A promise that is not waited for longer than its time. */

export class DeadlineError extends Error {
  readonly code = 'DEADLINE';
}

/** What `promise` does afterwards is nobody's concern any more: a late rejection is swallowed. */
export function withinDeadline<T>(promise: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new DeadlineError(`no answer within ${ms} ms`)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
