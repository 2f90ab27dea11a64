/** Times that exclude each other. Pure. */
import type { Previewed, Warning } from './previewed.js';

export function timeWarnings({ request: { settings }, terms, attempts, nowMs }: Previewed): Warning[] {
  const warnings: Warning[] = [];
  if (settings.deliverAtMs !== undefined && settings.deliverAtMs < nowMs) {
    warnings.push({ pointer: '/delivery/deliverAt', detail: 'has passed: the first attempt is due at once' });
  }
  if (attempts.length < terms.attempts) {
    const seconds = terms.ttlMs / 1_000;
    const detail = `the ttl of ${seconds} seconds leaves time for ${attempts.length} of ${terms.attempts} attempts`;
    warnings.push({ pointer: settings.ttlMs === undefined ? '/delivery' : '/delivery/ttlSeconds', detail });
  }
  return warnings;
}
