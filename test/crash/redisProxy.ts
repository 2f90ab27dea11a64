/**
 * A TCP proxy in front of Redis that can be cut, hold requests back, or break a connection exactly at a command: before Redis has
 * seen it, or after Redis has carried it out and before the reply.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface RedisProxy {
  readonly url: string;
  /** Breaks all connections; new ones are refused at once until `mend`. */
  cut(): void;
  mend(): void;
  /** What clients send is kept back from now on, until `cut`: they wait without an answer. */
  hold(): void;
  /** Called for each piece that a client sends; says what to do with it. */
  onRequest(decide: (request: Buffer) => Verdict): void;
  close(): Promise<void>;
}

export type Verdict = 'pass' | 'break-before' | 'break-after';

export async function startRedisProxy(redisPort: number): Promise<RedisProxy> {
  const pairs = new Set<{ client: Socket; redis: Socket }>();
  let mode: 'open' | 'cut' | 'hold' = 'open';
  let decide: (request: Buffer) => Verdict = () => 'pass';

  const server = createServer((client) => {
    if (mode === 'cut') return void client.destroy();
    const redis = connect(redisPort, '127.0.0.1');
    const pair = { client, redis };
    let isMute = false;
    const breakOff = () => {
      client.destroy();
      redis.destroy();
      pairs.delete(pair);
    };
    pairs.add(pair);
    for (const socket of [client, redis]) socket.setNoDelay(true).on('error', breakOff).on('close', breakOff);
    client.on('data', (request) => {
      if (mode === 'hold') return;
      const verdict = decide(request);
      if (verdict === 'break-before') return breakOff();
      isMute ||= verdict === 'break-after';
      redis.write(request);
    });
    redis.on('data', (reply) => (isMute ? breakOff() : client.write(reply)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const breakAll = () => {
    for (const { client, redis } of pairs) {
      client.destroy();
      redis.destroy();
    }
    pairs.clear();
  };
  return {
    url: `redis://delivery@127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: () => {
      mode = 'cut';
      breakAll();
    },
    mend: () => void (mode = 'open'),
    hold: () => void (mode = 'hold'),
    onRequest: (next) => void (decide = next),
    close: async () => {
      breakAll();
      server.close();
      await once(server, 'close');
    },
  };
}
