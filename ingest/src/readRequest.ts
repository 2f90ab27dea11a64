/** From the bytes of a body to what is queued: everything is checked here, before anything is stored. */
import { isUtf8 } from 'node:buffer';
import { jsonPointer } from '@postback/core/json/pointer';
import { scanRequest, type ScannedRequest } from '@postback/core/json/scanRequest';
import { Problem, type ProblemFault } from '@postback/core/problem';
import type { PostbackSettings } from '@postback/core/queue/postbackSettings';
import type { EnqueueRequest } from '@postback/core/queue/scripts/enqueue';
import type { SecretFiles } from '@postback/core/secrets/secretFiles';
import type { CompiledEndpoint } from '@postback/core/template/compileEndpoint';
import { MAX_REFERENCE_LENGTH, type RenderReference } from '@postback/core/template/compileReference';
import type { LookUpEndpoint } from './knownEndpoints.js';
import type { DeliveryRead, ReadDelivery } from './readDelivery.js';

export interface RequestReaders {
  readonly lookUp: LookUpEndpoint;
  readonly readDelivery: ReadDelivery;
  readonly secrets: Pick<SecretFiles, 'find'>;
}

const LIMITS = { maxDepth: 32, maxDataObjects: 1_000 };
const FAULT_LIMIT = 20;
const NOTHING_SET: DeliveryRead = { kind: 'ok', settings: {}, reference: undefined };

/** What is queued, and what it was made from. */
export interface CheckedRequest extends EnqueueRequest {
  readonly endpoint: CompiledEndpoint;
  readonly settings: PostbackSettings;
  /** The keys that the reference uses. */
  readonly referenceKeys: ReadonlySet<string>;
}

const NO_KEYS: ReadonlySet<string> = new Set();

/** @throws Problem saying what is wrong, with JSON Pointers */
export function readRequest(body: Buffer, { lookUp, readDelivery, secrets }: RequestReaders): CheckedRequest {
  const scanned = scan(body);
  const endpoint = lookUp(scanned.endpoint);
  const delivery = scanned.delivery === undefined ? NOTHING_SET : readDelivery(scanned.delivery);
  const found = [endpoint, delivery].flatMap((part) => (part.kind === 'faults' ? part.faults : []));
  if (endpoint.kind === 'faults' || delivery.kind === 'faults') throw invalid(found.slice(0, FAULT_LIMIT));
  if (endpoint.kind === 'forbidden') throw forbidden(endpoint.detail);
  const faults = [...checkSecrets(endpoint.compiled, secrets), ...checkData(scanned.data, endpoint.compiled)];
  if (faults.length > 0) throw invalid(faults);
  const { settings, reference } = delivery;
  return {
    endpointHash: endpoint.hash,
    endpointJson: scanned.endpoint,
    data: scanned.data,
    settings,
    endpoint: endpoint.compiled,
    referenceKeys: reference?.keys ?? NO_KEYS,
    ...(reference && { references: renderAll(reference.render, scanned.data) }),
  };
}

/** Looked at anew for each request: the files may change. Delivery looks again. */
function checkSecrets({ secrets: names, destination }: CompiledEndpoint, secrets: RequestReaders['secrets']) {
  const faults: ProblemFault[] = [];
  for (const [header, name] of names) {
    const lookup = secrets.find(name, destination);
    if (lookup.kind === 'refused') {
      faults.push({ pointer: jsonPointer(['endpoint', 'headers', header]), detail: lookup.detail });
    }
  }
  return faults;
}

function scan(body: Buffer): Extract<ScannedRequest, { kind: 'ok' }> {
  if (body.length === 0) throw new Problem('invalid-json', { detail: 'the body is empty' });
  if (!isUtf8(body)) throw new Problem('invalid-json', { detail: 'the body is not UTF-8' });
  const scanned = scanRequest(body.toString('utf8'), LIMITS);
  switch (scanned.kind) {
    case 'not-json':
      throw new Problem('invalid-json', { detail: `${scanned.detail} at character ${scanned.position}` });
    case 'faults':
      throw invalid(scanned.faults);
    case 'ok':
      return scanned;
  }
}

function renderAll(render: RenderReference, data: readonly string[]): string[] {
  const faults: ProblemFault[] = [];
  const references = data.map((object, index) => {
    const reference = render(object);
    if (reference === undefined && faults.length < FAULT_LIMIT) {
      const detail = `the rendered reference would be longer than ${MAX_REFERENCE_LENGTH} characters`;
      faults.push({ pointer: `/data/${index}`, detail });
    }
    return reference ?? '';
  });
  if (faults.length > 0) throw invalid(faults);
  return references;
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

function forbidden(detail: string): Problem {
  return new Problem('forbidden-target', { detail, errors: [{ pointer: '/endpoint/url', detail }] });
}
