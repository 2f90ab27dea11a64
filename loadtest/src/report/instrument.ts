/**
 * The instrument's own part in a measurement: how busy generator and sink were, and what they could do if they were busy all the time.
 * By CPU time, which waiting for a processor does not count: on a machine that they share with the stack, that is the stack's doing.
 */
export interface Instrument {
  /** Posts requests. */
  readonly generator: Effort;
  /** Takes deliveries. */
  readonly sink: Effort;
  /** With nothing between the two, generator straight at sink, before the run; null when it was not asked for. */
  readonly direct: Ceiling | null;
  /** What comes near its ceiling, and so measures itself. */
  readonly warnings: readonly string[];
}

export interface Effort {
  /** CPU time over time; above 1 where several threads work. */
  readonly busyShare: number;
  /** Requests or deliveries per second of its own CPU time; null when nothing was done. */
  readonly ceilingPerSecond: number | null;
}

export interface Ceiling {
  /** Requests per second that went from one to the other. */
  readonly perSecond: number;
  readonly generator: Effort;
  readonly sink: Effort;
}

export interface Work {
  readonly count: number;
  readonly cpuMs: number;
  readonly wallMs: number;
}

/** Beyond this, the figures are as much the instrument's as the stack's. */
const NEAR = 0.8;

export function effortOf({ count, cpuMs, wallMs }: Work): Effort {
  const ceilingPerSecond = cpuMs > 0 && count > 0 ? (count * 1_000) / cpuMs : null;
  return { busyShare: wallMs > 0 ? cpuMs / wallMs : 0, ceilingPerSecond };
}

export function describeInstrument(work: { generator: Work; sink: Work }, direct: Ceiling | null): Instrument {
  const [generator, sink] = [effortOf(work.generator), effortOf(work.sink)];
  return { generator, sink, direct, warnings: [...warning('generator', generator), ...warning('sink', sink)] };
}

function warning(name: string, { busyShare }: Effort): string[] {
  if (busyShare < NEAR) return [];
  return [`the ${name} was busy ${percentOf(busyShare)} of the time: the figures may be its own, not the stack's`];
}

export function percentOf(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** Of this process so far, all threads. */
export function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
