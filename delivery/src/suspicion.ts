/**
 * Is it them or us? Results that one destination can cause by itself say nothing; the same kind of failure at many destinations, and
 * nothing against it, is our own fault: our resolver, our way out, our build. Pure decisions; guard.ts keeps the state.
 */
import { isIP } from 'node:net';
import type { Decision } from './decide.js';
import type { Answer } from './http/answerHandler.js';
import { TransportError } from './http/transportError.js';

/** What of ours may be broken: the resolver, the way out, or what we send (so that everybody refuses it). */
export const FAULTS = ['names', 'routes', 'refusals'] as const;
export type Fault = (typeof FAULTS)[number];

export type Sign =
  | { readonly kind: 'ours' }
  /** `works`: what works for sure all the same; may be nothing. */
  | { readonly kind: 'suspect'; readonly fault: Fault; readonly weight: number; readonly works: readonly Fault[] }
  | { readonly kind: 'works'; readonly works: readonly Fault[] };

export interface Result {
  /** scheme://host:port */
  readonly destination: string;
  readonly result: Answer | TransportError;
  readonly decision: Decision;
}

/**
 * A destination that worked before weighs twice: three of them, or six that never did, make an own fault of the network; names
 * that never existed and hosts that were never there are more likely a typing error.
 */
export const WEIGHT = { known: 2, unknown: 1 } as const;
export const LIMIT: Readonly<Record<Fault, number>> = { names: 6, routes: 6, refusals: 10 };
/** Older failures are forgotten. */
export const WINDOW_MS: Readonly<Record<Fault, number>> = { names: 10_000, routes: 10_000, refusals: 60_000 };

export function signOf({ destination, result, decision }: Result, isKnown: boolean): Sign {
  const weight = isKnown ? WEIGHT.known : WEIGHT.unknown;
  if (!(result instanceof TransportError)) {
    const works = result.phases.connectMs === undefined ? [] : reached(destination);
    if (isRefusal(decision)) return { kind: 'suspect', fault: 'refusals', weight, works };
    return { kind: 'works', works: decision.kind === 'delivered' ? ['refusals', ...works] : works };
  }
  return signOfError(result, destination, weight);
}

function signOfError(error: TransportError, destination: string, weight: number): Sign {
  switch (error.errorClass) {
    case 'no-resources':
      return { kind: 'ours' };
    case 'resolver': // a name that does not exist is an answer, this is none
      return { kind: 'suspect', fault: 'names', weight: WEIGHT.known, works: [] };
    case 'dns':
      if (error.resolverWorks) return { kind: 'works', works: ['names'] };
      return { kind: 'suspect', fault: 'names', weight, works: [] };
    case 'proxy':
      return { kind: 'suspect', fault: 'routes', weight: WEIGHT.known, works: [] };
    case 'unreachable':
      if (error.wayOutWorks) return { kind: 'works', works: ['routes'] };
      return { kind: 'suspect', fault: 'routes', weight, works: [] };
    case 'connection-refused':
    case 'tls':
      return { kind: 'works', works: reached(destination) };
    default: // a connection that was open already says nothing about finding and reaching others; nor does silence
      return { kind: 'works', works: [] };
  }
}

/** Not so: the end of a postback that was tried often, or for long. */
function isRefusal(decision: Decision): boolean {
  return decision.kind === 'dead' && (decision.reason === 'rejected' || decision.reason === 'redirect');
}

/** A new connection: the way out works, and the resolver unless the URL had an address. */
function reached(destination: string): readonly Fault[] {
  const host = new URL(destination).hostname.replace(/^\[|\]$/g, '');
  return isIP(host) === 0 ? ['names', 'routes'] : ['routes'];
}

/** One destination's part in a suspicion. */
export interface Suspect {
  readonly weight: number;
  readonly at: number;
}

export function isOwnFault(fault: Fault, suspects: Iterable<Suspect>, now: number): boolean {
  let sum = 0;
  for (const { weight, at } of suspects) if (now - at <= WINDOW_MS[fault]) sum += weight;
  return sum >= LIMIT[fault];
}
