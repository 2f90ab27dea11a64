/** The filter of the view Attempts, as it stands in the address and in the API's query. Pure. */

export const MEMBERS = ['destination', 'outcome', 'code', 'id', 'reference'] as const;
export type Member = (typeof MEMBERS)[number];
export type AttemptFilter = Readonly<Partial<Record<Member, string>>>;

export const OUTCOMES = ['delivered', 'failed', 'retry', 'dead', 'handed-back'] as const;

/** Of what stands in the address, that which the API knows. */
export function readFilter(given: Readonly<Record<string, string>>): AttemptFilter {
  const entries = MEMBERS.flatMap((member): [string, string][] => {
    const value = given[member]?.trim() ?? '';
    return value === '' ? [] : [[member, value]];
  });
  return Object.fromEntries(entries);
}
