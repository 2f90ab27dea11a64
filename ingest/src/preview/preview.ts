/**
 * A dry run: what would be sent for a request that has been checked, made by the same code that delivery sends with, and what is
 * worth a second look. Pure; nothing is queued.
 */
import { composeRequest } from '@postback/core/template/composeRequest';
import type { CheckedRequest } from '../readRequest.js';
import { headerWarnings } from './headerWarnings.js';
import { keyWarnings } from './keyWarnings.js';
import type { EndpointSource, Previewed, Warning } from './previewed.js';
import { timetable, type AttemptTime, type RetryTerms } from './timetable.js';
import { timeWarnings } from './timeWarnings.js';

/** A header that is not known before an attempt is named with the reason, a secret with its name. */
export type PreviewedHeader = string | { readonly secret: string } | { readonly computed: string };

export interface PreviewedPostback {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, PreviewedHeader>>;
  readonly body: string | null;
  readonly reference?: string;
}

export interface Preview {
  /** In the order of `data`. */
  readonly postbacks: readonly PreviewedPostback[];
  /** Data objects at the end that are checked and not shown, because the answer would be too long. */
  readonly omitted: number;
  readonly timetable: {
    readonly firstAttemptAt: string;
    readonly timeoutSeconds: number;
    readonly ttlSeconds: number;
    readonly attempts: readonly AttemptTime[];
  };
  readonly warnings: readonly Warning[];
}

/** What holds where a request says nothing. */
export interface AttemptDefaults extends RetryTerms {
  readonly timeoutMs: number;
}

/** Of an installation that signs (SIGNING_SECRETS), which ingest does not know. */
const SIGNATURE = { computed: 'at each attempt, if the installation signs' };
/** A small request can ask for much: 1,000 times the same long body. */
const MAX_CHARACTERS = 8 * 1024 * 1024;
const WARNING_LIMIT = 50;

export function preview(request: CheckedRequest, defaults: AttemptDefaults, nowMs: number): Preview {
  const { settings } = request;
  const terms: RetryTerms = {
    scheduleMs: settings.scheduleMs ?? defaults.scheduleMs,
    attempts: settings.attempts ?? defaults.attempts,
    ttlMs: settings.ttlMs ?? defaults.ttlMs,
  };
  const attempts = timetable(terms);
  const firstAttemptMs = Math.max(nowMs + (settings.delayMs ?? 0), settings.deliverAtMs ?? 0);
  const postbacks = previewAll(request);
  const endpoint = JSON.parse(request.endpointJson) as EndpointSource;
  return {
    postbacks,
    omitted: request.data.length - postbacks.length,
    timetable: {
      firstAttemptAt: new Date(firstAttemptMs).toISOString(),
      timeoutSeconds: (settings.timeoutMs ?? defaults.timeoutMs) / 1_000,
      ttlSeconds: terms.ttlMs / 1_000,
      attempts,
    },
    warnings: warningsOf({ request, endpoint, terms, attempts, nowMs }),
  };
}

function previewAll(request: CheckedRequest): PreviewedPostback[] {
  const postbacks: PreviewedPostback[] = [];
  let characters = 0;
  for (const [index, data] of request.data.entries()) {
    const postback = previewOne(request, data, request.references?.[index]);
    characters += postback.url.length + (postback.body?.length ?? 0) + JSON.stringify(postback.headers).length;
    if (characters > MAX_CHARACTERS && index > 0) break;
    postbacks.push(postback);
  }
  return postbacks;
}

function previewOne({ endpoint }: CheckedRequest, data: string, reference: string | undefined): PreviewedPostback {
  const composed = composeRequest(endpoint, { id: '', attempt: 1, data });
  if (composed.kind === 'unrenderable') throw new Error(`checked, and yet not renderable: ${composed.detail}`);
  const { method, headers, body = null } = composed.request;
  const shown = { method, url: composed.url, headers: { ...headers, ...computedHeaders(endpoint) }, body };
  return reference === undefined ? shown : { ...shown, reference };
}

function computedHeaders({ basicAuth, secrets }: CheckedRequest['endpoint']): Record<string, PreviewedHeader> {
  const headers: Record<string, PreviewedHeader> = {
    'postback-id': { computed: 'the id that is given at acceptance' },
    'webhook-id': SIGNATURE,
    'webhook-timestamp': SIGNATURE,
    'webhook-signature': SIGNATURE,
  };
  if (basicAuth !== undefined) headers['authorization'] = { computed: 'from the credentials in the URL' };
  for (const [name, secret] of secrets) headers[name.toLowerCase()] = { secret };
  return headers;
}

function warningsOf(previewed: Previewed): Warning[] {
  return [...headerWarnings(previewed), ...timeWarnings(previewed), ...keyWarnings(previewed)].slice(0, WARNING_LIMIT);
}
