/** From the bytes of a body to what is queued: everything is checked here, before anything is stored. */
import { isUtf8 } from 'node:buffer';
import { scanRequest } from '@postback/core/json/scanRequest';
import { Problem, type ProblemFault } from '@postback/core/problem';
import type { EnqueueRequest } from '@postback/core/queue/scripts/enqueue';
import type { CompiledEndpoint } from '@postback/core/template/compileEndpoint';
import type { LookUpEndpoint } from './knownEndpoints.js';

const LIMITS = { maxDepth: 32, maxDataObjects: 1_000 };
const FAULT_LIMIT = 20;

/** @throws Problem saying what is wrong, with JSON Pointers */
export function readRequest(body: Buffer, lookUp: LookUpEndpoint): EnqueueRequest {
  if (body.length === 0) throw new Problem('invalid-json', { detail: 'the body is empty' });
  if (!isUtf8(body)) throw new Problem('invalid-json', { detail: 'the body is not UTF-8' });
  const scanned = scanRequest(body.toString('utf8'), LIMITS);
  switch (scanned.kind) {
    case 'not-json':
      throw new Problem('invalid-json', { detail: `${scanned.detail} at character ${scanned.position}` });
    case 'faults':
      throw invalid(scanned.faults);
    case 'ok':
  }
  if (scanned.delivery !== undefined) {
    throw invalid([{ pointer: '/delivery', detail: 'settings per request are not supported by this version' }]);
  }
  const endpoint = lookUp(scanned.endpoint);
  if (endpoint.kind === 'faults') throw invalid(endpoint.faults);
  const faults = checkData(scanned.data, endpoint.compiled);
  if (faults.length > 0) throw invalid(faults);
  return { endpointHash: endpoint.hash, endpointJson: scanned.endpoint, data: scanned.data };
}

function checkData(data: readonly string[], endpoint: CompiledEndpoint): ProblemFault[] {
  const faults: ProblemFault[] = [];
  for (const [index, object] of data.entries()) {
    for (const { pointer, detail } of endpoint.check(object)) {
      faults.push({ pointer: `/data/${index}${pointer}`, detail });
    }
    if (faults.length >= FAULT_LIMIT) return faults.slice(0, FAULT_LIMIT);
  }
  return faults;
}

function invalid(errors: readonly ProblemFault[]): Problem {
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return new Problem('invalid-request', { detail: `${first?.pointer || 'body'}: ${first?.detail}${more}`, errors });
}
