/** The shape of `delivery`, the settings of one request, checked by ajv. Its limits are checked by readDelivery.ts. */
import type { ProblemFault } from '@postback/core/problem';
import { MAX_REFERENCE_LENGTH } from '@postback/core/template/compileReference';
import { compileSchema, schemaFaults } from './schemaFaults.js';

/** Fits the schema below. */
export interface DeliveryMember {
  readonly delaySeconds?: number;
  readonly deliverAt?: string;
  readonly ttlSeconds?: number;
  readonly timeoutSeconds?: number;
  readonly retry?: {
    readonly attempts?: number;
    readonly scheduleSeconds?: readonly number[];
    readonly statuses?: readonly (number | string)[];
  };
  readonly reference?: string;
}

const validate = compileSchema({
  type: 'object',
  additionalProperties: false,
  properties: {
    delaySeconds: { type: 'number', minimum: 0 },
    deliverAt: { type: 'string' },
    ttlSeconds: { type: 'number', minimum: 0.05 },
    timeoutSeconds: { type: 'number', minimum: 0.05 },
    retry: {
      type: 'object',
      additionalProperties: false,
      properties: {
        attempts: { type: 'integer', minimum: 1 },
        scheduleSeconds: { type: 'array', minItems: 1, maxItems: 100, items: { type: 'number', minimum: 0 } },
        statuses: { type: 'array', minItems: 1, maxItems: 50, items: { type: ['integer', 'string'] } },
      },
    },
    reference: { type: 'string', minLength: 1, maxLength: MAX_REFERENCE_LENGTH },
  },
});

/** Returns what is wrong with the parsed member, each with its JSON Pointer; empty when it is a DeliveryMember. */
export function checkDeliveryShape(delivery: unknown): ProblemFault[] {
  return schemaFaults(validate, delivery, '/delivery');
}
