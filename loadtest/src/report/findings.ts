/** Thresholds of the command line as findings, and a finding in words. */
import type { Latency } from '../latency.js';
import type { Ledger } from '../ledger.js';
import type { Finding } from '../scenarios/bounds.js';

/** What `--max-…` demands; null: nothing. */
export interface Thresholds {
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly ingestP99Ms: number | null;
  readonly lost: number | null;
  readonly duplicated: number | null;
}

export interface Measured {
  readonly endToEnd: Latency | null;
  readonly ingest: Latency | null;
  readonly accounting: Ledger;
}

/** Nothing that was measured is beyond any limit. */
export function checkThresholds(thresholds: Thresholds, { endToEnd, ingest, accounting }: Measured): Finding[] {
  const ms = (what: string, limit: number | null, measured: number | undefined) =>
    check({ what, unit: 'ms', limit, measured: measured ?? Infinity });
  const count = (what: string, limit: number | null, measured: number) =>
    check({ what, unit: 'postbacks', limit, measured });
  return [
    ...ms('end to end p50', thresholds.p50Ms, endToEnd?.p50),
    ...ms('end to end p99', thresholds.p99Ms, endToEnd?.p99),
    ...ms('ingest p99', thresholds.ingestP99Ms, ingest?.p99),
    ...count('lost', thresholds.lost, accounting.lost),
    ...count('duplicated', thresholds.duplicated, accounting.duplicated),
  ];
}

function check({ limit, ...rest }: Omit<Finding, 'isKept' | 'limit'> & { readonly limit: number | null }): Finding[] {
  return limit === null ? [] : [{ ...rest, limit, isKept: rest.measured <= limit }];
}

export function findingText({ what, measured, limit, unit }: Finding): string {
  return `${what}: ${inUnit(measured, unit)}, allowed ${inUnit(limit, unit)}`;
}

function inUnit(value: number, unit: Finding['unit']): string {
  if (unit === 'share') return `${(value * 100).toFixed(1)} %`;
  if (!Number.isFinite(value)) return 'nothing measured';
  const text = value.toLocaleString('en-US', { maximumFractionDigits: unit === 'ms' ? 1 : 0 });
  return unit === 'ms' ? `${text} ms` : text;
}
