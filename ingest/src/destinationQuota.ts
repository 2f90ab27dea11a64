/** DESTINATION_MAX_BACKLOG: how much may be parked for one destination. Pure. */
import type { Setting } from '@postback/core/config';
import { byteSize, integer } from '@postback/core/settings';

/** A share of the memory that requests are taken up to, or a size. */
export type DestinationQuota =
  { readonly kind: 'percent'; readonly percent: number } | { readonly kind: 'bytes'; readonly bytes: number };

const percentage = integer({ min: 1, max: 100, description: '' });
const size = byteSize({ description: '' });

export function destinationQuotaSetting(
  describe: Pick<Setting<unknown>, 'description'> & { readonly default: string },
): Setting<DestinationQuota> {
  return {
    ...describe,
    parse: (text) => {
      if (/^\d+%?$/.test(text)) return { kind: 'percent', percent: percentage.parse(text.replace('%', '')) };
      return { kind: 'bytes', bytes: size.parse(text) };
    },
  };
}

/** `undefined`: no limit of its own, because 100 % was set, or because Redis has no limit that a share could be taken of. */
export function quotaBytes(
  quota: DestinationQuota,
  { maxmemoryBytes, memoryShedPercent }: { readonly maxmemoryBytes: number; readonly memoryShedPercent: number },
): number | undefined {
  if (quota.kind === 'bytes') return quota.bytes;
  if (quota.percent === 100 || maxmemoryBytes === 0) return undefined;
  return Math.floor((maxmemoryBytes * memoryShedPercent * quota.percent) / 10_000);
}
