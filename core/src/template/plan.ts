/** What compiling an endpoint leaves for rendering: everything that does not depend on the data object. */
import { MAX_BODY_LENGTH, type CompiledBody } from './compileBody.js';
import type { CompiledHeaders } from './compileHeaders.js';
import type { CompiledUrl } from './compileUrl.js';
import { MAX_GROWTH } from './percentEncode.js';
import { joinPieces, literalLength, type Pieces } from './pieces.js';

export type Unmatched = 'default' | 'omit' | 'reject';

export interface RenderPlan {
  /** The keys in use; a key's place is its slot. */
  readonly keys: ReadonlySet<string>;
  /** By slot: the JSON text that stands in for a value that is not there. */
  readonly fallbacks: readonly string[];
  /** By slot: whether the endpoint's `defaults` name a value, so that the key is never unmatched. */
  readonly hasDefault: readonly boolean[];
  readonly unmatched: Unmatched;
  readonly url: CompiledUrl;
  readonly headers: CompiledHeaders;
  readonly body: CompiledBody;
  readonly maxUrlBytes: number;
}

/**
 * The length up to which a data object is fine without a look into it, -1 if there is none. What has to be looked into:
 * values that could make a dot segment, values in headers, and `reject`. Otherwise only too much text can go wrong.
 */
export function safeDataLength(plan: RenderPlan): number {
  const canReject = plan.unmatched === 'reject' && plan.hasDefault.includes(false);
  if (canReject || plan.url.riskySegments.length > 0 || plan.headers.templates.size > 0) return -1;
  const { origin, path, params } = plan.url;
  const separators = params.length;
  const urlLimit = lengthWithin(plan, [path, ...params], plan.maxUrlBytes - origin.length - separators);
  const bodyLimit = plan.body.kind === 'template' ? lengthWithin(plan, [plan.body.pieces], MAX_BODY_LENGTH) : Infinity;
  return Math.max(-1, Math.min(urlLimit, bodyLimit));
}

/**
 * The values of different keys do not overlap in a data object, so together they are at most as long as it is, times the
 * uses of the key used most. Fallbacks come on top, as if every key lacked its value.
 */
function lengthWithin(plan: RenderPlan, all: readonly Pieces[], limit: number): number {
  const uses = new Map<number, number>();
  let fixed = 0;
  for (const pieces of all) {
    fixed += literalLength(pieces) + fallbackLength(plan, pieces);
    for (const slot of pieces.slots) uses.set(slot, (uses.get(slot) ?? 0) + 1);
  }
  if (fixed > limit) return -1;
  const mostUses = Math.max(0, ...uses.values());
  return mostUses === 0 ? Infinity : Math.floor((limit - fixed) / (MAX_GROWTH * mostUses));
}

function fallbackLength(plan: RenderPlan, pieces: Pieces): number {
  const rendered = joinPieces(pieces, plan.fallbacks, Infinity) ?? '';
  return rendered.length - literalLength(pieces);
}
