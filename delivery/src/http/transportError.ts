/** Why an attempt got no answer, as one word of a closed list: the same words in logs, dead letters and metrics. */

import type { Phases } from './answerHandler.js';

export const ERROR_CLASSES = [
  'timeout',
  /** The name does not exist, or nobody answers for it although the resolver works. */
  'dns',
  /** The resolver gave no answer, and it is not known to work. */
  'resolver',
  'connection-refused',
  'connection-reset',
  'connection-closed',
  'unreachable',
  'tls',
  /** EGRESS_PROXY cannot be used: never the destination's fault. */
  'proxy',
  /** EGRESS_PROXY did not connect to the destination. */
  'proxy-refused',
  'bad-answer',
  'headers-too-large',
  'aborted',
  /** The address guard refused it: nothing was sent. */
  'forbidden-target',
  /** Too many open files, or no memory for a socket: never the destination's fault. */
  'no-resources',
  'network',
] as const;
export type ErrorClass = (typeof ERROR_CLASSES)[number];

export class TransportError extends Error {
  constructor(
    readonly errorClass: ErrorClass,
    message: string,
    options?: { cause?: unknown; resolverWorks?: boolean; wayOutWorks?: boolean },
  ) {
    super(message, options);
    this.resolverWorks = options?.resolverWorks ?? false;
    this.wayOutWorks = options?.wayOutWorks ?? false;
  }

  /** The resolver answered about other names meanwhile: what is missing is missing by itself. */
  readonly resolverWorks: boolean;
  /** Others could be reached meanwhile: what is unreachable is so by itself. */
  readonly wayOutWorks: boolean;

  phases: Phases = { totalMs: 0 };

  /** The same error, with the time that each phase took until it happened. */
  at(phases: Phases): this {
    this.phases = phases;
    return this;
  }
}

/** Codes of Node's sockets and resolver, and of undici. */
const CLASS_OF_CODE: Readonly<Record<string, ErrorClass>> = {
  ENOTFOUND: 'dns',
  ENODATA: 'dns',
  EAI_AGAIN: 'resolver',
  EAI_FAIL: 'resolver',
  ESERVFAIL: 'resolver',
  EREFUSED: 'resolver',
  ETIMEOUT: 'resolver', // of c-ares; that of a socket is ETIMEDOUT
  EMFILE: 'no-resources',
  ENFILE: 'no-resources',
  ENOBUFS: 'no-resources',
  ENOMEM: 'no-resources',
  ECONNREFUSED: 'connection-refused',
  ECONNRESET: 'connection-reset',
  EPIPE: 'connection-reset',
  UND_ERR_SOCKET: 'connection-closed',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  UND_ERR_HEADERS_OVERFLOW: 'headers-too-large',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'bad-answer',
  EPROTO: 'tls',
};

export function toTransportError(error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  const { code = '', message } = innermost(error);
  return new TransportError(classOf(code), message, { cause: error });
}

function classOf(code: string): ErrorClass {
  const known = CLASS_OF_CODE[code];
  if (known) return known;
  if (code.startsWith('HPE_')) return 'bad-answer';
  if (code.startsWith('ERR_TLS') || code.startsWith('ERR_SSL') || TLS_CODE.test(code)) return 'tls';
  return 'network';
}

/** OpenSSL's verification results: CERT_HAS_EXPIRED, SELF_SIGNED_CERT_IN_CHAIN, UNABLE_TO_VERIFY_LEAF_SIGNATURE … */
const TLS_CODE = /CERT|SIGNATURE|ISSUER/;

/** Several addresses tried give an AggregateError; its first error says more than the wrapper. */
function innermost(error: unknown): { code?: string; message: string } {
  const { name, message, errors, ...rest } = properties(error);
  const code = rest.code ?? (name === 'HTTPParserError' ? 'HPE_UNKNOWN' : undefined); // undici does not name them all
  if (Array.isArray(errors) && errors.length > 0) return innermost(errors[0]);
  const text = typeof message === 'string' && message !== '' ? message : String(error);
  return typeof code === 'string' ? { code, message: text } : { message: text };
}

/** By shape, not by class: an error may come from another realm. */
function properties(error: unknown) {
  const { name, code, message, errors } = Object(error) as Record<string, unknown>;
  return { name, code, message, errors };
}
