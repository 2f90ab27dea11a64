/** 14: the resolver answers nobody for a minute. That is our own fault, and must not cost the postbacks an attempt. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startDnsServer } from '@postback/core/testing/dnsServer';
import { eventually } from '@postback/core/testing/eventually';
import { settleAccount } from '../account.js';
import { startLoad } from '../load.js';
import { faultIfMore, type Scenario } from '../scenario.js';

/** Each host is called every six seconds: later than an idle connection is kept, so each call asks for its name again. */
const HOSTS = 60;
const RATE = 10;
const BEFORE_MS = 7_000;

export const resolverGone: Scenario = {
  id: '14c',
  title: 'the resolver is silent for a minute',
  async run({ pick, createStack }) {
    const outageMs = pick(60_000, 10_000);
    const hosts = Array.from({ length: HOSTS }, (_, index) => `host-${index}.partner.test`);
    const known = { addresses: ['127.0.0.1'], ttl: 1 };
    const resolver = await startDnsServer(Object.fromEntries(hosts.map((host) => [host, known])));
    const env = {
      DNS_SERVERS: resolver.address,
      DNS_TIMEOUT: '300ms',
      LOG_LEVEL: 'info',
      ALLOWED_TARGETS: '127.0.0.1',
    };
    const stack = await createStack({ env });
    await stack.startAll();
    const sinkUrls = hosts.map((host) => `http://${host}:${stack.ports.sink}`);
    const durationMs = BEFORE_MS + outageMs + BEFORE_MS;
    const load = await startLoad(stack, { durationMs, rate: RATE, data: 1, sinkUrls });
    await sleep(BEFORE_MS);
    for (const host of hosts) resolver.set(host, 'hangs');
    await eventually(
      'delivery says so',
      async () => (await readiness(stack.ports.delivery[0])).includes('resolver'),
      20_000,
    );
    await sleep(outageMs);
    for (const host of hosts) resolver.set(host, known);
    const account = await settleAccount(stack, load, { drainLimitMs: 60_000 });
    await resolver.close();
    const attempts = stack
      .process('delivery-1')
      .log()
      .split('\n')
      .filter((line) => line.includes('"postback.attempted"'));
    const spent = attempts.filter((line) => !/"outcome":"(delivered|handed-back)"/.test(line));
    const faults = [
      ...faultIfMore(`attempts spent, such as ${spent[0]}`, spent.length, 0),
      ...faultIfMore('duplicates', account.ledger.duplicated, 0),
    ];
    return {
      account,
      faults,
      note: `${outageMs / 1_000} s; unready, naming the resolver; ${spent.length} attempts spent`,
    };
  },
};

async function readiness(port: number | undefined): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
  return answer.text();
}
