/** Reads a request's body up to a limit; what is beyond is counted and thrown away, so memory stays bounded. */
import type { IncomingMessage } from 'node:http';

export interface Body {
  readonly text: string;
  /** Of the whole body, the part not kept included. */
  readonly bytes: number;
}

export const BODY_LIMIT_BYTES = 65_536;

const EMPTY: Body = { text: '', bytes: 0 };

/** By callback, not promise: this is the sink's hot path, and most requests have no body. Not called if the client goes away. */
export function readBody(request: IncomingMessage, done: (body: Body) => void): void {
  const { headers } = request;
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return done(EMPTY);
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    if (bytes < BODY_LIMIT_BYTES) chunks.push(chunk.subarray(0, BODY_LIMIT_BYTES - bytes));
    bytes += chunk.length;
  });
  request.on('end', () => done({ text: Buffer.concat(chunks).toString(), bytes }));
}
