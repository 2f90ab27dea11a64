/**
 * The body of `PUT /runs/<id>/destinations`: a list of groups, each `{"count": n, "listening": true, "behaviour": {…}}`, with
 * `"silentName": "slow"` while names below slow.sink.test get no answer. The
 * destinations are numbered through in that order, so a later list that names the same counts changes the same ones.
 */
import { DESTINATION_LIMIT } from '../destinationPorts.js';
import { Problem } from '@postback/core/problem';
import { readBehaviour } from './behaviour.js';
import type { DestinationPlan } from './destinations.js';

export interface ParsedPlans {
  readonly plans: DestinationPlan[];
  /** Labels below sink.test that get no answer (names.ts). */
  readonly silentNames: readonly string[];
}

/** @throws Problem `invalid-request` saying what was expected */
export function parseDestinationPlans(json: string): ParsedPlans {
  const groups = parseList(json);
  const plans = groups.flatMap((group, index) => expand(group, index));
  if (plans.length > DESTINATION_LIMIT) throw invalid(`expected at most ${DESTINATION_LIMIT} destinations in all`);
  const silentNames = groups.flatMap((group) => (Object(group) as { silentName?: string }).silentName ?? []);
  return { plans, silentNames };
}

function parseList(json: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(json);
    if (Array.isArray(value)) return value as readonly unknown[];
  } catch (cause) {
    throw new Problem('invalid-json', { detail: (cause as Error).message, cause });
  }
  throw invalid('expected a list of groups');
}

function expand(group: unknown, index: number): DestinationPlan[] {
  const { count = 1, listening = true, behaviour = {}, silentName, ...rest } = Object(group) as Record<string, unknown>;
  const isCount = Number.isInteger(count) && Number(count) >= 1 && Number(count) <= DESTINATION_LIMIT;
  if (!isCount) throw invalid(`/${index}/count: expected a whole number from 1 to ${DESTINATION_LIMIT}`);
  if (typeof listening !== 'boolean') throw invalid(`/${index}/listening: expected true or false`);
  const isLabel = silentName === undefined || (typeof silentName === 'string' && /^[a-z0-9-]{1,63}$/.test(silentName));
  if (!isLabel) throw invalid(`/${index}/silentName: expected a label of a name`);
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw invalid(`/${index}/${unknown}: is no member of a group`);
  const plan = { behaviour: readBehaviour(Object(behaviour) as Record<string, unknown>), isListening: listening };
  return Array.from({ length: Number(count) }, () => plan);
}

function invalid(detail: string): Problem {
  return new Problem('invalid-request', { detail });
}
