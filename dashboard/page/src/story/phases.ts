/** Where an attempt's time went, as pieces of one bar. Pure. */
import type { KnownAttempt } from '../api/types.js';

export interface Piece {
  readonly name: 'DNS' | 'connect' | 'waiting for the first byte' | 'reading';
  readonly startMs: number;
  readonly ms: number;
}

/** `firstByteMs` is counted from the attempt's begin; a connection that was kept has neither DNS nor connect. */
export function piecesOf({ dnsMs, connectMs, firstByteMs, responseTimeMs }: KnownAttempt): Piece[] {
  const ends = [
    ['DNS', dnsMs],
    ['connect', connectMs === undefined ? undefined : (dnsMs ?? 0) + connectMs],
    ['waiting for the first byte', firstByteMs ?? responseTimeMs],
    ['reading', firstByteMs === undefined ? undefined : responseTimeMs],
  ] as const;
  const pieces: Piece[] = [];
  let startMs = 0;
  for (const [name, endMs] of ends) {
    if (endMs === undefined) continue;
    const ms = Math.max(0, Math.min(endMs, responseTimeMs) - startMs);
    if (ms > 0) pieces.push({ name, startMs, ms });
    startMs += ms;
  }
  return pieces;
}
