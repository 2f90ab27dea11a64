/**
 * /api/session: a browser exchanges the token once for a cookie (POST), asks who it is (GET), and gives the cookie back (DELETE).
 * Nothing is kept here: a session ends by its time, or for all when the token is another one.
 */
import type { Clock } from '@postback/core/clock';
import express, { type Request, type Response, type Router } from 'express';
import { unauthorized, type Door } from '../access/door.js';
import { clearCookie, setCookie } from '../access/sessionCookie.js';
import { whoIs, type Who } from '../access/who.js';
import { audit } from '../audit.js';
import { inputOf, readJson, type Members } from './input.js';

export interface SessionDeps {
  readonly door: Door;
  readonly sessionTtlMs: number;
  readonly clock: Clock;
}

export function sessionRouter(deps: SessionDeps): Router {
  const router = express.Router();
  router.post('/session', ...readJson, (request, response) => logIn(request, response, deps));
  router.get('/session', (_request, response) => {
    const who = whoIs(response);
    if (!who) throw unauthorized('there is no session: log in with POST /api/session');
    answer(response, who);
  });
  router.delete('/session', (request, response) => {
    clearCookie(request, response);
    audit(response, 'logout');
    response.set('Cache-Control', 'no-store').status(204).end();
  });
  return router;
}

function logIn(request: Request, response: Response, { door, sessionTtlMs, clock }: SessionDeps): void {
  const input = inputOf(request.body as Members, ['token']);
  const token = input.text('token') ?? '';
  input.end();
  if (!door.tokens.isRequired) return answer(response, { kind: 'anyone', expiresAt: undefined });
  const kind = door.tryToken(token, request, response);
  if (!kind) throw unauthorized('this token is not known');
  const session = { kind, expiresAt: clock.now() + sessionTtlMs };
  setCookie(request, response, door.tokens.sign(session), sessionTtlMs);
  audit(response, 'login', { as: kind });
  answer(response, session);
}

function answer(response: Response, { kind, expiresAt }: Who): void {
  const until = expiresAt === undefined ? null : new Date(expiresAt).toISOString();
  response.set('Cache-Control', 'no-store').json({ kind, expiresAt: until });
}
