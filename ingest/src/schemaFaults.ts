/** What ajv found, as faults with JSON Pointers into the request body. */
import { describeUnknown } from '@postback/core/json/nearestName';
import { jsonPointer } from '@postback/core/json/pointer';
import type { ProblemFault } from '@postback/core/problem';
import Ajv, { type ErrorObject, type ValidateFunction } from 'ajv';

const FAULT_LIMIT = 20;

/** `verbose` gives each error the part of the schema that it comes from, which knows the names that are allowed there. */
const ajv = new Ajv({ allErrors: true, allowUnionTypes: true, verbose: true });

export function compileSchema(schema: object): ValidateFunction {
  return ajv.compile(schema);
}

/** Empty when the value fits. `at` is the pointer of the value itself. */
export function schemaFaults(validate: ValidateFunction, value: unknown, at: string): ProblemFault[] {
  if (validate(value)) return [];
  return (validate.errors ?? []).slice(0, FAULT_LIMIT).map((error) => describe(error, at));
}

function describe(error: ErrorObject, at: string): ProblemFault {
  const pointer = `${at}${error.instancePath}`;
  if (error.keyword === 'additionalProperties') {
    const { additionalProperty: name } = error.params as { additionalProperty: string };
    const known = Object.keys((error.parentSchema?.['properties'] ?? {}) as object);
    return { pointer: pointer + jsonPointer([name]), detail: describeUnknown(name, known) };
  }
  if (error.keyword === 'enum') {
    const { allowedValues } = error.params as { allowedValues: string[] };
    return { pointer, detail: `expected one of ${allowedValues.join(', ')}` };
  }
  return { pointer, detail: error.message ?? 'is not valid' };
}
