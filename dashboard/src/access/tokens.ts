/** The dashboard's tokens: who presents one, and the sessions that it signs. */
import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { digestOf, findSecret, type KnownSecret } from '@postback/core/access/secrets';

export type TokenKind = 'operator' | 'reader';

export interface Session {
  readonly kind: TokenKind;
  readonly expiresAt: number;
}

export interface Tokens {
  /** False: everyone may come in. */
  readonly isRequired: boolean;
  kindOf(token: string): TokenKind | undefined;
  /** A session as a text that nobody else can make: what it says, and a MAC over that. */
  sign(session: Session): string;
  /** `undefined`: not one of ours, not one of the present tokens, or over. */
  readSession(text: string, now: number): Session | undefined;
}

export interface TokenSettings {
  /** Empty: none is needed. */
  readonly token: string;
  /** Empty: there is none. */
  readonly readToken: string;
}

interface Token extends KnownSecret {
  readonly kind: TokenKind;
  /** Derived from the token: with another token its sessions are over. */
  readonly sessionKey: Buffer;
}

export function createTokens({ token, readToken }: TokenSettings): Tokens {
  const given = [['operator', token] as const, ['reader', readToken] as const];
  const tokens = given.flatMap(([kind, secret]) => (secret === '' ? [] : [tokenOf(kind, secret)]));
  return {
    isRequired: tokens.length > 0,
    kindOf: (presented) => findSecret(presented, tokens)?.kind,
    sign: ({ kind, expiresAt }) => {
      const said = `${kind}.${expiresAt}.${randomBytes(9).toString('base64url')}`;
      const signer = tokens.find((candidate) => candidate.kind === kind);
      if (!signer) throw new Error(`no ${kind} token is set`);
      return `${said}.${macOf(said, signer)}`;
    },
    readSession: (text, now) => {
      const [, said = '', name, expires, mac = ''] = /^((\w+)\.(\d{1,15})\.[\w-]+)\.([\w-]+)$/.exec(text) ?? [];
      const signer = tokens.find(({ kind }) => kind === name);
      if (!signer || !isSame(mac, macOf(said, signer))) return undefined;
      const expiresAt = Number(expires);
      return expiresAt > now ? { kind: signer.kind, expiresAt } : undefined;
    },
  };
}

function tokenOf(kind: TokenKind, secret: string): Token {
  const sessionKey = Buffer.from(hkdfSync('sha256', secret, '', 'dashboard session', 32));
  return { kind, digest: digestOf(secret), sessionKey };
}

function macOf(said: string, { sessionKey }: Token): string {
  return createHmac('sha256', sessionKey).update(said).digest('base64url');
}

/** As texts: base64 leaves bits unused, so several texts stand for the same bytes. */
function isSame(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
