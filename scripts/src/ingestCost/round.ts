/** One round: so many times the same request over a few kept connections, and the CPU time that it took the process. */
import { Agent, request } from 'node:http';
import { usageOf } from '../bench/cpuTime.js';
import type { SampleBody } from './bodies.js';
import type { Contestant } from './contestants.js';

const CONNECTIONS = 16;

/** Returns µs of CPU per request. @throws when one is not answered with 202 */
export async function runRound({ pid, port }: Contestant, { text, requests }: SampleBody): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const body = Buffer.from(text);
  let left = requests;
  const before = usageOf([pid]).cpuMs;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (left-- > 0) await post(agent, port, body);
    }),
  );
  const after = usageOf([pid]).cpuMs;
  agent.destroy();
  return ((after - before) * 1_000) / requests;
}

function post(agent: Agent, port: number, body: Buffer): Promise<void> {
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  return new Promise((resolve, reject) => {
    const sent = request({ agent, port, host: '127.0.0.1', method: 'POST', path: '/ingest', headers }, (answer) => {
      answer.resume().on('end', () => {
        if (answer.statusCode === 202) resolve();
        else reject(new Error(`answered with ${answer.statusCode}`));
      });
    });
    sent.on('error', reject).end(body);
  });
}
