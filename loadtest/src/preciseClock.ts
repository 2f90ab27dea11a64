/**
 * Milliseconds since the epoch with a µs fraction. Generator and sink stamp with it, so that the time between a request and
 * its delivery is finer than Date.now() and never runs backwards within a process.
 */
export type PreciseClock = () => number;

export const preciseNow: PreciseClock = () => performance.timeOrigin + performance.now();
