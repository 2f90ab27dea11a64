import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describedApp, takeFaults } from './describedApp.js';

test('an answer that is not described is noticed, sent in one piece or in several; others are not', async () => {
  const server = createServer(
    describedApp((request, response) => {
      if (request.url === '/healthz')
        return void response.setHeader('content-type', 'application/json').end('{"status":"ok","version":"1"}');
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"accepted":');
      response.end(Buffer.from('1}'));
    }),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await (await fetch(`${url}/healthz`)).text();
    expect(takeFaults()).toEqual([]);
    expect(await (await fetch(`${url}/ingest`, { method: 'POST' })).text()).toBe('{"accepted":1}');
    expect(takeFaults()).toEqual(['POST /ingest 200: the status is not described']);
    expect(await (await fetch(`${url}/i`, { method: 'HEAD' })).text()).toBe('');
    expect(takeFaults()).toEqual([expect.stringContaining('HEAD /i 200: neither')]);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
