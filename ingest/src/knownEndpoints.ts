/** Endpoints that ingest has seen: clients send the same one again and again, and its check and its hash are made once. */
import type { AllowedTarget } from '@postback/core/net/allowedTarget';
import { judgeHost, targetOf } from '@postback/core/net/judgeTarget';
import type { ProblemFault } from '@postback/core/problem';
import { hashEndpoint } from '@postback/core/queue/endpointHash';
import { compileEndpoint, type CompiledEndpoint, type EndpointSettings } from '@postback/core/template/compileEndpoint';
import { LRUCache } from 'lru-cache';
import { checkEndpointShape } from './endpointSchema.js';

export type KnownEndpoint =
  | { readonly kind: 'ok'; readonly hash: string; readonly compiled: CompiledEndpoint }
  | { readonly kind: 'faults'; readonly faults: readonly ProblemFault[] }
  /** In order, but the address guard refuses its host. */
  | { readonly kind: 'forbidden'; readonly detail: string };

/** Takes the endpoint's JSON text as it stands in the body, already scanned. */
export type LookUpEndpoint = (json: string) => KnownEndpoint;

const KEPT = 5_000;
/** In all, so that many large endpoints do not fill the memory. */
const KEPT_CHARACTERS = 16 * 1024 * 1024;
/** Each dead letter carries a copy of its endpoint: a request must not be able to fill Redis with them. */
const MAX_CHARACTERS = 32 * 1024;
const TOO_LARGE: KnownEndpoint = {
  kind: 'faults',
  faults: [
    { pointer: '/endpoint', detail: `expected at most ${MAX_CHARACTERS} characters; put what is long into the data` },
  ],
};

export interface EndpointRules extends EndpointSettings {
  readonly allowedTargets: readonly AllowedTarget[];
}

export function knownEndpoints(settings: EndpointRules): LookUpEndpoint {
  const kept = new LRUCache<string, KnownEndpoint>({
    max: KEPT,
    maxSize: KEPT_CHARACTERS,
    sizeCalculation: (_known, json) => json.length,
  });
  return (json) => {
    const seen = kept.get(json);
    if (seen) return seen;
    if (json.length > MAX_CHARACTERS) return TOO_LARGE;
    const own = Buffer.from(json).toString(); // a slice would keep the whole body in memory
    const known = examine(own, settings);
    kept.set(own, known);
    return known;
  };
}

function examine(json: string, settings: EndpointRules): KnownEndpoint {
  const faults = checkEndpointShape(JSON.parse(json));
  if (faults.length > 0) return { kind: 'faults', faults };
  const compiled = compileEndpoint(json, settings);
  if (compiled.kind === 'faults') return compiled;
  const verdict = judgeHost(targetOf(compiled.endpoint.destination), settings.allowedTargets);
  if (verdict.kind === 'forbidden') return verdict;
  return { kind: 'ok', hash: hashEndpoint(json), compiled: compiled.endpoint };
}
