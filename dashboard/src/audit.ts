/**
 * Who changed what: one log line `audit.<action>` for each change that was made, with who asked, from where, by which request, and how
 * much it moved. A route notes what it did; one that forgets is logged all the same, as `audit.change`. What was refused is in the log as a problem.
 */
import { logFieldsOf } from '@postback/core/http';
import type { Fields, Logger } from '@postback/core/logger';
import type { Request, RequestHandler, Response } from 'express';
import { isChange, remoteAddressOf } from './access/who.js';

/** For a route that has changed something. No secrets in `fields`. */
export function audit(response: Response, action: string, fields: Fields = {}): void {
  response.locals['audit'] = { action, fields };
}

interface Noted {
  readonly action: string;
  readonly fields: Fields;
}

/** Before the routes. */
export function auditChanges(logger: Logger): RequestHandler {
  return (request, response, next) => {
    if (isChange(request)) response.on('finish', () => logChange(request, response, logger));
    next();
  };
}

function logChange(request: Request, response: Response, logger: Logger): void {
  if (response.statusCode >= 400) return;
  const { action, fields } = (response.locals['audit'] as Noted | undefined) ?? { action: 'change', fields: {} };
  logger.info(`audit.${action}`, {
    ...logFieldsOf(response),
    remote_address: remoteAddressOf(request),
    method: request.method,
    path: request.originalUrl.split('?')[0],
    ...fields,
  });
}
