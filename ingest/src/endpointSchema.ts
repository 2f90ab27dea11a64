/** The shape of `endpoint`, checked by ajv. What its templates mean is checked by the template compiler. */
import type { ProblemFault } from '@postback/core/problem';
import Ajv, { type ErrorObject } from 'ajv';
import { describeUnknown } from '@postback/core/json/nearestName';
import { jsonPointer } from '@postback/core/json/pointer';

const FAULT_LIMIT = 20;

const schema = {
  type: 'object',
  required: ['method', 'url'],
  additionalProperties: false,
  properties: {
    method: { enum: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] },
    url: { type: 'string', minLength: 1 },
    headers: { type: 'object', maxProperties: 50, additionalProperties: { type: 'string' } },
    body: { type: ['string', 'null'] },
    defaults: { type: 'object', maxProperties: 200 },
    unmatched: { enum: ['default', 'omit', 'reject'] },
    success: { type: 'array', minItems: 1, maxItems: 50, items: { type: ['integer', 'string'] } },
  },
};

const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(schema);

/** Returns what is wrong with the parsed endpoint, each with its JSON Pointer; empty when nothing is. */
export function checkEndpointShape(endpoint: unknown): ProblemFault[] {
  if (validate(endpoint)) return [];
  return (validate.errors ?? []).slice(0, FAULT_LIMIT).map(describe);
}

function describe(error: ErrorObject): ProblemFault {
  const pointer = `/endpoint${error.instancePath}`;
  if (error.keyword === 'additionalProperties') {
    const { additionalProperty: name } = error.params as { additionalProperty: string };
    return { pointer: pointer + jsonPointer([name]), detail: describeUnknown(name, Object.keys(schema.properties)) };
  }
  if (error.keyword === 'enum') {
    const { allowedValues } = error.params as { allowedValues: string[] };
    return { pointer, detail: `expected one of ${allowedValues.join(', ')}` };
  }
  return { pointer, detail: error.message ?? 'is not valid' };
}
