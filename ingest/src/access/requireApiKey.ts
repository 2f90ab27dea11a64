/**
 * The door of ingest, before a body is read: who has no valid API key gets 401, who has used up the key's rate 429. What may be sent
 * by whom is kept with the answer, for the routes behind (see `admissionOf`).
 */
import { bearerToken } from '@postback/core/access/secrets';
import { addLogFields } from '@postback/core/http';
import { Problem } from '@postback/core/problem';
import type { Request, RequestHandler, Response } from 'express';
import type { ApiKeys } from './apiKeys.js';
import type { KeyRate, KeyRates } from './keyRates.js';

export interface AccessDeps {
  readonly apiKeys: Pick<ApiKeys, 'isRequired' | 'find'>;
  readonly keyRates: KeyRates;
}

export interface Admission {
  /** Name of the API key; empty where none is needed. */
  readonly keyName: string;
  /**
   * Counts postbacks against the key's rate.
   * @returns what takes that back
   * @throws Problem when they are too many right now
   */
  charge(postbacks: number): () => void;
}

const ANYBODY: Admission = { keyName: '', charge: () => () => undefined };
/** nginx keeps it from the client and writes it into its log line of the request. */
const KEY_NAME_HEADER = 'X-Api-Key-Name';

export function requireApiKey({ apiKeys, keyRates }: AccessDeps): RequestHandler {
  return (request, response, next) => {
    if (!apiKeys.isRequired()) return next();
    const presented = presentedKey(request);
    const key = presented === undefined ? undefined : apiKeys.find(presented);
    if (!key) throw unauthorized(presented === undefined);
    addLogFields(response, { api_key: key.name });
    response.set(KEY_NAME_HEADER, key.name);
    const rate = keyRates(key);
    if (rate) refuseUnless(rate.bucket.waitMs(1), rate, response);
    response.locals['admission'] = {
      keyName: key.name,
      charge: (postbacks) => charge(postbacks, rate, response),
    } satisfies Admission;
    next();
  };
}

/** Whom the door let in with this request. */
export function admissionOf(response: Response): Admission {
  return (response.locals['admission'] as Admission | undefined) ?? ANYBODY;
}

function presentedKey(request: Request): string | undefined {
  return bearerToken(request.headers.authorization) ?? request.get('X-Api-Key');
}

function unauthorized(isMissing: boolean): Problem {
  const detail = isMissing
    ? 'expected an API key: Authorization: Bearer <key>, or X-Api-Key: <key>'
    : 'this API key is not known';
  const error = isMissing ? '' : ', error="invalid_token"';
  return new Problem('unauthorized', { detail, headers: { 'WWW-Authenticate': `Bearer realm="ingest"${error}` } });
}

function charge(postbacks: number, rate: KeyRate | undefined, response: Response): () => void {
  if (!rate) return () => undefined;
  refuseUnless(rate.bucket.take(postbacks), rate, response);
  return () => rate.bucket.giveBack(postbacks);
}

function refuseUnless(waitMs: number, rate: KeyRate, response: Response): void {
  tellRate(rate, response);
  if (waitMs === 0) return;
  const { perSecond, burst } = rate.limits;
  throw new Problem('too-many-requests', {
    detail: `this API key may send ${perSecond} postbacks per second, ${burst} at once; send the request again after the time in Retry-After`,
    headers: { 'Retry-After': seconds(waitMs) },
  });
}

/** As draft-ietf-httpapi-ratelimit-headers has them; the unit is ours, since a request counts as many as it has data objects. */
function tellRate({ bucket, limits: { perSecond, burst } }: KeyRate, response: Response): void {
  response.set({
    'RateLimit-Policy': `"key";q=${burst};qu="postbacks";w=${Math.ceil(burst / perSecond)}`,
    RateLimit: `"key";r=${Math.max(0, Math.floor(bucket.credit()))};t=${seconds(bucket.fullInMs())}`,
  });
}

function seconds(ms: number): string {
  return String(Math.ceil(ms / 1_000));
}
