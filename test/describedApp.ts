/**
 * Puts an application under the eyes of docs/openapi.yaml: an answer that it does not describe fails the test that runs. Metrics are no
 * part of the API: nobody comes to them from outside.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { METRICS_PATH } from '@postback/core/metrics/answerMetrics';
import { openDescription, type Description } from '@postback/core/testing/openapi';

let description: Description | undefined;
const faults: string[] = [];

// In a file that takes its time to answer, several tests may be done before; whichever runs then is the one that fails.
afterEach(() => {
  const found = faults.splice(0);
  if (found.length > 0) throw new Error(`answers that docs/openapi.yaml does not describe:\n${found.join('\n')}`);
});

/** Looked at as it is sent, before the client can have it. */
export function describedApp(app: RequestListener): RequestListener {
  return (request, response) => {
    watch(request, response, (fault) => faults.push(fault));
    app(request, response);
  };
}

/** Takes the faults found so far, for tests of the check itself. */
export function takeFaults(): string[] {
  return faults.splice(0);
}

function watch(request: IncomingMessage, response: ServerResponse, report: (fault: string) => void): void {
  const { method = '', url: path = '' } = request;
  if (path === METRICS_PATH) return;
  const chunks: Buffer[] = [];
  const keep = (chunk: unknown, encoding: unknown) => {
    if (typeof chunk === 'string')
      chunks.push(Buffer.from(chunk, encoding === undefined ? 'utf8' : (encoding as 'utf8')));
    else if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
  };
  const { write, end } = response as { write: Write; end: Write };
  const wrapped: { write: Write; end: Write } = {
    write: (...args) => {
      keep(args[0], typeof args[1] === 'function' ? undefined : args[1]);
      return write.apply(response, args);
    },
    end: (...args) => {
      keep(args[0], typeof args[1] === 'function' ? undefined : args[1]);
      description ??= openDescription();
      const { statusCode: status } = response;
      const answer = { method, path, status, headers: response.getHeaders(), body: Buffer.concat(chunks).toString() };
      description.answerFaults(answer).forEach(report);
      return end.apply(response, args);
    },
  };
  Object.assign(response, wrapped);
}

type Write = (this: unknown, ...args: unknown[]) => unknown;
