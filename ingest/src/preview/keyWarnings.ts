/** Keys that a template asks for and nobody fills, and keys that are there and nobody reads. Pure. */
import { readMembers } from '@postback/core/json/members';
import { nearestName } from '@postback/core/json/nearestName';
import { jsonPointer } from '@postback/core/json/pointer';
import type { EndpointSource, Previewed, Warning } from './previewed.js';

/** More different keys than anybody reads about. */
const KEY_LIMIT = 20;
/** Looking for the nearest name takes time by the number of candidates. */
const CANDIDATE_LIMIT = 50;

export function keyWarnings(previewed: Previewed): Warning[] {
  return [...defaultWarnings(previewed), ...missingWarnings(previewed), ...unusedWarnings(previewed)];
}

function defaultWarnings({ request, endpoint }: Previewed): Warning[] {
  const { keys } = request.endpoint;
  const unused = Object.keys(endpoint.defaults ?? {}).filter((key) => !keys.has(key));
  return unused.slice(0, KEY_LIMIT).map((key) => ({
    pointer: jsonPointer(['endpoint', 'defaults', key]),
    detail: `no template uses this key${hint(key, [...keys])}`,
  }));
}

function missingWarnings({ request, endpoint }: Previewed): Warning[] {
  const wanted = new Set([...request.endpoint.keys].filter((key) => !hasDefault(endpoint, key)));
  const becomes = endpoint.unmatched === 'omit' ? 'a query parameter with it is left out' : 'it becomes DEFAULT_VALUE';
  return foundIn(
    request.data,
    (object) => {
      const there = readMembers(object, wanted);
      return [...wanted].filter((key) => (there.get(key) ?? 'null') === 'null');
    },
    (key, object) =>
      `is missing or null${hint(
        key,
        namesIn(object).filter((name) => !wanted.has(name)),
      )}; ${becomes}`,
  );
}

function hasDefault({ defaults }: EndpointSource, key: string): boolean {
  const value = defaults && Object.hasOwn(defaults, key) ? defaults[key] : null;
  return value !== null;
}

function unusedWarnings({ request }: Previewed): Warning[] {
  const { endpoint, data, referenceKeys } = request;
  if (endpoint.sendsData) return [];
  const isUnused = (name: string) => !endpoint.keys.has(name) && !referenceKeys.has(name);
  return foundIn(
    data,
    (object) => namesIn(object).filter(isUnused),
    (key, object) => {
      const names = new Set(namesIn(object));
      return `no template uses this key${hint(
        key,
        [...endpoint.keys].filter((other) => !names.has(other)),
      )}`;
    },
  );
}

/** What is the same in many data objects is told once: at its first place, with the number of places. */
function foundIn(
  data: readonly string[],
  find: (object: string) => readonly string[],
  describe: (key: string, object: string) => string,
): Warning[] {
  const found = new Map<string, { readonly index: number; count: number }>();
  data.forEach((object, index) => {
    for (const key of find(object)) {
      const known = found.get(key);
      if (known) known.count++;
      else if (found.size < KEY_LIMIT) found.set(key, { index, count: 1 });
    }
  });
  return [...found].map(([key, { index, count }]) => {
    const places = count > 1 ? ` (in ${count} data objects)` : '';
    return { pointer: jsonPointer(['data', index, key]), detail: `${describe(key, data[index] as string)}${places}` };
  });
}

function namesIn(object: string): string[] {
  return Object.keys(JSON.parse(object) as object);
}

/** All names of two letters are near each other. */
function hint(name: string, candidates: readonly string[]): string {
  const others = candidates.filter((candidate) => candidate !== name).slice(0, CANDIDATE_LIMIT);
  const nearest = name.length > 2 ? nearestName(name, others) : undefined;
  return nearest === undefined ? '' : ` (did you mean "${nearest}"?)`;
}
