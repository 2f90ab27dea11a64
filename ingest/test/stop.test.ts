import { once } from 'node:events';
import { Agent, createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { closeServer } from '@postback/core/closeServer';
import { closeWhenStopping } from '@postback/core/http';
import { eventually } from '@postback/core/testing/eventually';
import express from 'express';

test('200 busy keep-alive connections are all answered while the server stops, none is reset, and it stops soon', async () => {
  let stopping = false;
  const app = express();
  app.use(closeWhenStopping(() => stopping));
  app.get('/', (_request, response) => void setTimeout(() => response.send('ok'), 20));
  const server = createServer({ keepAliveTimeout: 75_000 }, app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const agents = Array.from({ length: 200 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));

  const answeredOn = new Set<unknown>();
  let answered = 0;
  const failures: unknown[] = [];
  const client = async (agent: Agent) => {
    while (!stopping) {
      const request = httpRequest({ port, agent }).end();
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      answeredOn.add(response.socket);
      if ((await text(response)) === 'ok') answered++;
    }
  };
  const clients = agents.map((agent) => client(agent).catch((error: unknown) => failures.push(error)));
  await eventually('every connection is in use', () => answeredOn.size === 200, 60_000);
  stopping = true;
  const startedAt = performance.now();
  const closing = closeServer(server);
  await Promise.all(clients);
  for (const agent of agents) agent.destroy(); // the idle ones, as nginx would
  await closing;
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  expect(failures).toEqual([]);
  expect(answered).toBeGreaterThanOrEqual(200);
}, 120_000);

test('an idle connection that nobody closes does not keep the server open', async () => {
  const server = createServer({ keepAliveTimeout: 75_000 }, (_request, response) => response.end('ok'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true });
  const [response] = (await once(httpRequest({ port, agent }).end(), 'response')) as [IncomingMessage];
  await text(response);
  const startedAt = performance.now();
  await closeServer(server, { idleGraceMs: 100 });
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  agent.destroy();
});
