/** The filter of dead letters, as it stands in the address and in the API. Pure. */

export const MEMBERS = ['reason', 'host', 'reference', 'from', 'to'] as const;
export type Member = (typeof MEMBERS)[number];
export type DeadFilter = Readonly<Partial<Record<Member, string>>>;

export const REASONS = [
  'rejected',
  'redirect',
  'forbidden-target',
  'attempts-exhausted',
  'expired',
  'unrenderable',
  'unreadable',
  'poison',
  'cancelled',
] as const;

export function readFilter(given: Readonly<Record<string, string>>): DeadFilter {
  const entries = MEMBERS.flatMap((member): [string, string][] => {
    const value = given[member]?.trim() ?? '';
    return value === '' ? [] : [[member, value]];
  });
  return Object.fromEntries(entries);
}

/** In a change, none at all has to be said out loud. */
export function choiceOf(filter: DeadFilter): Record<string, unknown> {
  return Object.keys(filter).length === 0 ? { all: true } : { ...filter };
}

export function describeFilter(filter: DeadFilter): string {
  const parts = MEMBERS.flatMap((member) => (filter[member] ? [`${member} ${filter[member]}`] : []));
  return parts.length === 0 ? 'all dead letters' : `dead letters with ${parts.join(', ')}`;
}
