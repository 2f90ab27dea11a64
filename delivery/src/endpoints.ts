/** Endpoints in their compiled form: read from Redis and parsed once, then kept while they are in use. */
import type { Queue } from '@postback/core/queue/queue';
import { compileEndpoint, type CompiledEndpoint } from '@postback/core/template/compileEndpoint';
import { LRUCache } from 'lru-cache';

/** Enough for every campaign of a large sender; an entry takes a few KB. */
const KEPT = 5_000;
/** In all, so that many large endpoints do not fill the memory: compiled, one takes about twice its length. */
const KEPT_CHARACTERS = 16 * 1024 * 1024;

export type EndpointLookup =
  | { readonly kind: 'found'; readonly endpoint: CompiledEndpoint; readonly json: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unusable'; readonly json: string; readonly detail: string };

export interface Endpoints {
  /** From memory, without a promise: most postbacks go this way. */
  cached(hash: string): EndpointLookup | undefined;
  /** From Redis; concurrent lookups of one endpoint share one read. */
  read(hash: string): Promise<EndpointLookup>;
}

export function createEndpoints(queue: Queue, settings: { defaultValue: string; maxUrlBytes: number }): Endpoints {
  const kept = new LRUCache<string, EndpointLookup>({
    max: KEPT,
    maxSize: KEPT_CHARACTERS,
    sizeCalculation: (lookup) => (lookup.kind === 'missing' ? 1 : lookup.json.length),
  });
  const underWay = new Map<string, Promise<EndpointLookup>>();

  async function readAndCompile(hash: string): Promise<EndpointLookup> {
    const json = await queue.readEndpoint(hash);
    if (json === undefined) return { kind: 'missing' };
    const compiled = compileEndpoint(json, settings);
    const lookup: EndpointLookup =
      compiled.kind === 'ok'
        ? { kind: 'found', endpoint: compiled.endpoint, json }
        : { kind: 'unusable', json, detail: compiled.faults.map((fault) => fault.detail).join('; ') };
    kept.set(hash, lookup);
    return lookup;
  }

  return {
    cached: (hash) => kept.get(hash),
    read: (hash) => {
      const shared = underWay.get(hash);
      if (shared) return shared;
      const reading = readAndCompile(hash).finally(() => underWay.delete(hash));
      underWay.set(hash, reading);
      return reading;
    },
  };
}
