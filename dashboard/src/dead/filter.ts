/** Which dead letters somebody means. Pure. */
import type { BuriedLetter, DeadReason } from '@postback/core/queue/deadLetter';

/** All that is given has to fit. */
export interface DeadFilter {
  readonly reason?: DeadReason;
  /** Host of the endpoint, with or without its port. */
  readonly host?: string;
  readonly reference?: string;
  /** Times of death, ms since the epoch, inclusive. */
  readonly from?: number;
  readonly to?: number;
}

/** The times are left to Redis. */
export function matches({ letter }: BuriedLetter, { reason, host, reference }: DeadFilter): boolean {
  if (reason !== undefined && letter.reason !== reason) return false;
  if (reference !== undefined && letter.reference !== reference) return false;
  return host === undefined || hasHost(letter.endpointJson, host.toLowerCase());
}

function hasHost(endpointJson: string | null, host: string): boolean {
  const url = urlOf(endpointJson);
  return url !== undefined && (url.host === host || url.hostname === host);
}

/** The template's URL: macros stand in path and query only, so its host can be read. */
export function urlOf(endpointJson: string | null): URL | undefined {
  try {
    const { url } = JSON.parse(endpointJson ?? '') as { url?: unknown };
    return typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined;
  } catch {
    return undefined;
  }
}
