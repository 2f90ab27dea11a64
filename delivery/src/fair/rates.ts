/**
 * How many attempts per second a destination gets, over all workers. Tokens are asked for together: one question to Redis for all that
 * were read in the same few milliseconds. What gets none is parked; the releaser takes tokens for what it brings back.
 */
import type { Queue } from '@postback/core/queue/queue';
import { untilAnswered } from '../untilAnswered.js';

export interface RateRules {
  /** Per second; undefined = no limit. */
  readonly rate: number | undefined;
  /** For a host, or a host and port; goes before the other. */
  readonly byHost: ReadonlyMap<string, number>;
}

export interface Rates {
  isLimited(destination: string): boolean;
  /** Resolves to whether one attempt may be made now. */
  takeOne(destination: string): Promise<boolean>;
  /** Resolves to how many attempts may be made now, of those wanted. */
  take(destination: string, wanted: number): Promise<number>;
}

interface RatesDeps {
  readonly queue: Pick<Queue, 'takeRate'>;
  readonly rules: RateRules;
  readonly isGivenUp: () => boolean;
}

const GATHER_MS = 2;
/** What may be sent at once after a quiet time: a tenth of a second's worth. */
const BURST = 1 / 10;

export function createRates({ queue, rules, isGivenUp }: RatesDeps): Rates {
  const askers = new Map<string, ((isGranted: boolean) => void)[]>();

  async function take(destination: string, wanted: number): Promise<number> {
    const ratePerSecond = rateOf(rules, destination);
    if (ratePerSecond === undefined || wanted === 0) return wanted;
    const burst = Math.max(1, Math.ceil(ratePerSecond * BURST));
    return untilAnswered(() => queue.takeRate(destination, { ratePerSecond, burst, wanted }), isGivenUp);
  }

  async function askFor(destination: string): Promise<void> {
    const asking = askers.get(destination) ?? [];
    askers.delete(destination);
    const granted = await take(destination, asking.length).catch(() => 0);
    asking.forEach((answer, index) => answer(index < granted));
  }

  return {
    isLimited: (destination) => rateOf(rules, destination) !== undefined,
    takeOne: (destination) =>
      new Promise((resolve) => {
        const asking = askers.get(destination);
        if (asking) return void asking.push(resolve);
        askers.set(destination, [resolve]);
        setTimeout(() => void askFor(destination), GATHER_MS);
      }),
    take,
  };
}

function rateOf({ rate, byHost }: RateRules, destination: string): number | undefined {
  if (byHost.size === 0) return rate;
  const { host, hostname } = new URL(destination);
  return byHost.get(host) ?? byHost.get(hostname) ?? rate;
}

/** One item of DESTINATION_RATES. */
export function parseHostRate(item: string): readonly [host: string, rate: number] {
  const match = /^([^=\s]+)=(\d{1,6})$/.exec(item);
  const rate = Number(match?.[2]);
  if (!match || rate < 1)
    throw new Error(`expected host=rate or host:port=rate, a whole number per second, got "${item}"`);
  return [(match[1] as string).toLowerCase(), rate];
}
