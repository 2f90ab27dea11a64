/** What every Express service answers alike: health, an address that is not there, and problems (RFC 9457). */
import { randomBytes } from 'node:crypto';
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import type { Fields, Logger } from './logger.js';
import { Problem, type ProblemType } from './problem.js';
import { VERSION } from './version.js';

export const answerHealth: RequestHandler = (_request, response) => {
  response.json({ status: 'ok', version: VERSION });
};

/** @param reasons why the service cannot work now; empty when it can */
export function answerReadiness(reasons: () => readonly string[]): RequestHandler {
  return (_request, response) => {
    const found = reasons();
    const isReady = found.length === 0;
    response.status(isReady ? 200 : 503).json({ status: isReady ? 'ready' : 'not ready', reasons: found });
  };
}

/** A busy keep-alive connection would go on sending requests to a server that is closing: tell the client to close it. */
export function closeWhenStopping(isStopping: () => boolean): RequestHandler {
  return (_request, response, next) => {
    if (isStopping()) response.setHeader('Connection', 'close');
    next();
  };
}

export const answerNotFound: RequestHandler = (request) => {
  throw new Problem('not-found', { detail: `there is nothing at ${request.path}` });
};

/** nginx makes one for each request; whoever comes in past it may bring a modest one. */
const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/;

/**
 * The id by which a request is found again: in the answer, in a problem's body and on every log line about it. Ours are random once
 * and then counted: randomness for each request would be a twentieth of what a request costs.
 */
export function requestIds(): RequestHandler {
  const prefix = randomBytes(10).toString('hex');
  let last = 0;
  return (request, response, next) => {
    const given = request.headers['x-request-id'];
    const isGiven = typeof given === 'string' && REQUEST_ID.test(given);
    const id = isGiven ? given : prefix + (++last).toString(16).padStart(12, '0');
    response.setHeader('X-Request-Id', id);
    addLogFields(response, { request_id: id });
    next();
  };
}

/** What every log line about this request says from now on. */
export function addLogFields(response: Response, fields: Fields): void {
  response.locals['logFields'] = { ...logFieldsOf(response), ...fields };
}

export function logFieldsOf(response: Response): Fields {
  return (response.locals['logFields'] as Fields | undefined) ?? {};
}

/** @param count is told of each problem that is answered */
export function answerProblem(
  logger: Logger,
  count: (type: ProblemType) => void = () => undefined,
): ErrorRequestHandler {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- Express knows an error handler by its four parameters
  return (error: unknown, _request, response, _next) => {
    const problem = toProblem(error);
    logProblem(logger, problem, logFieldsOf(response));
    count(problem.code);
    if (response.headersSent) return void response.destroy();
    response.status(problem.status).set(problem.headers).type('application/problem+json');
    const requestId = response.getHeader('X-Request-Id');
    response.send(JSON.stringify({ ...problem.toBody(), requestId }));
  };
}

function logProblem(logger: Logger, problem: Problem, about: Fields): void {
  const fields = {
    ...about,
    type: problem.code,
    status: problem.status,
    detail: problem.message,
    cause: problem.cause,
  };
  if (problem.code === 'internal-error') logger.error('request.failed', fields);
  else if (problem.status >= 500) logger.warn('request.refused', fields);
  else logger.info('request.rejected', fields);
}

/** Errors of Express and its body reader carry a `type`; whatever else arrives here is a bug of ours. */
function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const { type, status } = error as { type?: string; status?: number };
  switch (type) {
    case 'entity.too.large':
      return new Problem('body-too-large', { detail: 'split the request into several' });
    case 'encoding.unsupported':
      return new Problem('unsupported-media-type', { detail: 'a compressed body is not accepted' });
    case 'request.aborted':
    case 'request.size.invalid':
      return new Problem('invalid-json', { detail: 'the body ended before its Content-Length' });
    default:
  }
  if (status === 400) return new Problem('invalid-request', { detail: 'the request cannot be read', cause: error });
  return new Problem('internal-error', { detail: 'the cause stands in the log of the service', cause: error });
}
