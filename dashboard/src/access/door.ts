/**
 * The dashboard's door: finds out who asks, by bearer token or by the cookie of a login, and lets in who may come in. Without tokens
 * everyone may, as long as the name by which we are called is one of this machine.
 */
import { bearerToken } from '@postback/core/access/secrets';
import type { Clock } from '@postback/core/clock';
import { addLogFields, logFieldsOf } from '@postback/core/http';
import type { Logger } from '@postback/core/logger';
import { Problem } from '@postback/core/problem';
import type { Request, RequestHandler, Response } from 'express';
import { createFailedLogins } from './failedLogins.js';
import { isLocalName, isOwnOrigin } from './origin.js';
import { readCookie } from './sessionCookie.js';
import { createTokens, type TokenKind, type Tokens, type TokenSettings } from './tokens.js';
import { isChange, remember, remoteAddressOf, whoIs, type Who } from './who.js';

export interface DoorDeps {
  readonly access: TokenSettings & { readonly sessionTtlMs: number };
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Door {
  readonly tokens: Tokens;
  /** Notes who asks, and refuses changes that another site's page asks for. Lets everyone pass. */
  readonly identify: RequestHandler;
  /** Sends away whom `identify` did not recognize, and who may only look from changing anything. */
  readonly requireEntry: RequestHandler;
  /**
   * @returns `undefined` when the token is wrong, which is counted and logged
   * @throws Problem when this address has tried too often
   */
  tryToken(token: string, request: Request, response: Response): TokenKind | undefined;
}

export const LOGIN_PATH = '/login';

export function createDoor({ access, clock, logger }: DoorDeps): Door {
  const tokens = createTokens(access);
  const failedLogins = createFailedLogins(clock);
  const tryToken: Door['tryToken'] = (token, request, response) => {
    const address = remoteAddressOf(request);
    const waitMs = failedLogins.waitMs(address);
    if (waitMs > 0) throw tooManyLogins(waitMs);
    const kind = tokens.kindOf(token);
    if (kind) return kind;
    failedLogins.count(address);
    logger.warn('audit.login_failed', { ...logFieldsOf(response), remote_address: address });
    return undefined;
  };
  const identifyBy = (request: Request, response: Response): Who | undefined => {
    if (!tokens.isRequired)
      return isLocalName(request.headers.host) ? { kind: 'anyone', expiresAt: undefined } : undefined;
    const token = bearerToken(request.headers.authorization); // other schemes are for proxies in front
    if (token !== undefined) {
      const kind = tryToken(token, request, response);
      return kind && { kind, expiresAt: undefined };
    }
    return tokens.readSession(readCookie(request) ?? '', clock.now());
  };
  return {
    tokens,
    tryToken,
    identify: (request, response, next) => {
      if (isChange(request) && !isOwnOrigin(request.headers)) {
        throw new Problem('forbidden', { detail: 'a page of another site asked for this change' });
      }
      const who = identifyBy(request, response);
      if (who) {
        remember(response, who);
        addLogFields(response, { by: who.kind });
      }
      next();
    },
    requireEntry: (request, response, next) => {
      const who = whoIs(response);
      if (!who && !tokens.isRequired) throw foreignName();
      if (!who) {
        if (isForPage(request)) return response.redirect(303, LOGIN_PATH);
        throw unauthorized('expected Authorization: Bearer <DASHBOARD_TOKEN>, or a login');
      }
      if (who.kind === 'reader' && isChange(request)) {
        throw new Problem('forbidden', {
          detail: 'DASHBOARD_READ_TOKEN lets in to look; a change takes DASHBOARD_TOKEN',
        });
      }
      next();
    },
  };
}

/** A browser that was sent to the page by its user; the API answers everyone alike. */
function isForPage(request: Request): boolean {
  return !request.path.startsWith('/api/') && request.accepts(['json', 'html']) === 'html';
}

export function unauthorized(detail: string): Problem {
  return new Problem('unauthorized', { detail, headers: { 'WWW-Authenticate': 'Bearer realm="dashboard"' } });
}

function foreignName(): Problem {
  const detail = 'without DASHBOARD_TOKEN the dashboard answers only to addresses and names of this machine';
  return new Problem('forbidden', { detail });
}

function tooManyLogins(waitMs: number): Problem {
  return new Problem('too-many-requests', {
    detail: 'too many wrong tokens came from this address',
    headers: { 'Retry-After': String(Math.ceil(waitMs / 1_000)) },
  });
}
