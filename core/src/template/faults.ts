/** The faults of one endpoint: pointers into the request body, at most 20. */
import { jsonPointer } from '../json/pointer.js';
import type { ProblemFault } from '../problem.js';
import { parseTemplate, type TemplatePart, type TemplatePlace } from './parseTemplate.js';

/** More than a person reads. */
export const MAX_FAULTS = 20;

/** Grows while an endpoint is compiled. */
export type Faults = ProblemFault[];

/** `path`: the steps below `/endpoint`. Returns `undefined`, what the caller has got instead of a compiled part. */
export function addFault(faults: Faults, path: readonly string[], detail: string): undefined {
  if (faults.length < MAX_FAULTS) faults.push({ pointer: jsonPointer(['endpoint', ...path]), detail });
  return undefined;
}

/** The parts of the template at `path`; its faults are noted with the position of the brace. */
export function parseParts(
  text: string,
  place: TemplatePlace,
  path: readonly string[],
  faults: Faults,
): TemplatePart[] | undefined {
  const parsed = parseTemplate(text, place);
  if (parsed.kind === 'ok') return parsed.parts;
  for (const fault of parsed.faults) addFault(faults, path, `${fault.detail}, at character ${fault.position}`);
  return undefined;
}
