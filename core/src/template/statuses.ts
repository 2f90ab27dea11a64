/** Lists of HTTP statuses, such as `["2xx", 302]`. */
const CLASS = /^[2-5]xx$/;

/** All the statuses that a list names; `undefined` if it is not such a list. Informational ones are never an answer. */
export function parseStatuses(list: unknown): ReadonlySet<number> | undefined {
  if (!Array.isArray(list) || list.length === 0 || list.length > 100) return undefined;
  const statuses = list.map((item: unknown) => statusesOf(item));
  return statuses.some((item) => item.length === 0) ? undefined : new Set(statuses.flat());
}

function statusesOf(item: unknown): number[] {
  if (typeof item === 'string' && CLASS.test(item)) {
    const first = Number(item.charAt(0)) * 100;
    return Array.from({ length: 100 }, (_, i) => first + i);
  }
  return typeof item === 'number' && Number.isInteger(item) && item >= 200 && item <= 599 ? [item] : [];
}
