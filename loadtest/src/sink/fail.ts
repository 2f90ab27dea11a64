/** The ways in which a third party can fail, each on one exchange. What never ends stops when the other side goes away. */
import type { ServerResponse } from 'node:http';
import type { Behaviour } from './behaviour.js';

const DRIP_MS = 1_000;
const CHUNK = Buffer.alloc(16_384, 'x');

export function fail({ failWith, status, retryAfterSeconds }: Behaviour, response: ServerResponse): void {
  switch (failWith) {
    case 'status': {
      const retryAfter = retryAfterSeconds > 0 ? { 'retry-after': String(retryAfterSeconds) } : {};
      return void response
        .writeHead(status, { 'content-type': 'text/plain', 'content-length': '2', ...retryAfter })
        .end('no');
    }
    case 'hang':
      return;
    case 'reset':
      return response.socket?.resetAndDestroy() && undefined;
    case 'redirect':
      return void response.writeHead(302, { location: '/redirected', 'content-length': '0' }).end();
    case 'drip':
      return drip(response);
    case 'huge':
      return pour(response);
    case 'bad-http':
      return void response.socket?.end('HTTP/1.1 200 OK\r\nthis is no header\r\n\r\n');
  }
}

function drip(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/plain' });
  const timer = setInterval(() => response.write('.'), DRIP_MS);
  response.on('close', () => clearInterval(timer));
}

function pour(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/octet-stream' });
  const more = () => {
    while (!response.destroyed && response.write(CHUNK));
  };
  response.on('drain', more);
  more();
}
