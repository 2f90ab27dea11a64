/** What the routes that take a request in JSON have in common: its media type, its raw bytes, and no method but POST. */
import { Problem } from '@postback/core/problem';
import express, { type Request, type RequestHandler } from 'express';

/** In this order: what is not JSON is refused without being read. */
export function readJsonBody(limitBytes: number): [RequestHandler, RequestHandler] {
  return [requireJson, express.raw({ type: () => true, limit: limitBytes, inflate: false })];
}

/** The body as it came; empty when there was none. */
export function bodyOf(request: Request): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

const requireJson: RequestHandler = (request, _response, next) => {
  const [type = '', ...parameters] = (request.headers['content-type'] ?? '').toLowerCase().split(';');
  const charset = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith('charset='));
  const isUtf8 = charset === undefined || /^charset="?utf-8"?$/.test(charset);
  if (type.trim() === 'application/json' && isUtf8) return next();
  throw new Problem('unsupported-media-type', { detail: 'expected Content-Type: application/json, in UTF-8' });
};

export const refuseMethod: RequestHandler = (request) => {
  throw new Problem('method-not-allowed', {
    detail: `expected POST, got ${request.method}`,
    headers: { Allow: 'POST' },
  });
};
