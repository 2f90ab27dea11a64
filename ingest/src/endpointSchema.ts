/** The shape of `endpoint`, checked by ajv. What its templates mean is checked by the template compiler. */
import type { ProblemFault } from '@postback/core/problem';
import { compileSchema, schemaFaults } from './schemaFaults.js';

const validate = compileSchema({
  type: 'object',
  required: ['method', 'url'],
  additionalProperties: false,
  properties: {
    method: { enum: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] },
    url: { type: 'string', minLength: 1 },
    headers: { type: 'object', maxProperties: 50 }, // name → template, or a secret: the compiler says what is wrong with one
    body: { type: ['string', 'null'] },
    defaults: { type: 'object', maxProperties: 200 },
    unmatched: { enum: ['default', 'omit', 'reject'] },
    success: { type: 'array', minItems: 1, maxItems: 50, items: { type: ['integer', 'string'] } },
  },
});

/** Returns what is wrong with the parsed endpoint, each with its JSON Pointer; empty when nothing is. */
export function checkEndpointShape(endpoint: unknown): ProblemFault[] {
  return schemaFaults(validate, endpoint, '/endpoint');
}
