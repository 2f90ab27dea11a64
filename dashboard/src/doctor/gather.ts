/** Asks everybody how they are, each within its own time: who hangs does not keep the others from being heard. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { VERSION } from '@postback/core/version';
import type { Api } from '../cli/api.js';
import type { ShownOverview } from '../overview/showOverview.js';
import type { CertificateFacts, DestinationFacts, Facts, Figure, ServiceFacts } from './facts.js';

export interface Places {
  /** `name=readiness URL`, separated by commas; a name that stands for several addresses is asked at each. */
  readonly services: string;
  /** `host:port` that speaks TLS to the outside; empty: none does. */
  readonly tls: string;
  readonly bind: string;
}

/** Longer than the dashboard takes to tell that Redis is away. */
export const TIMEOUT_MS = 3_000;
const TOP_DESTINATIONS = 5;

export async function gatherFacts(api: Pick<Api, 'get'>, { services, tls, bind }: Places): Promise<Facts> {
  const startedAt = Date.now();
  const asked = Promise.all([
    api.get<ShownOverview>('/api/overview').catch((error: unknown) => (error as Error).message),
    api
      .get<{ destinations: DestinationFacts[] }>(`/api/destinations?limit=${TOP_DESTINATIONS}`)
      .then(({ destinations }) => destinations)
      .catch(() => []),
  ]).then(([overview, destinations]) => ({ overview, destinations, now: (startedAt + Date.now()) / 2 }));
  const [{ overview, destinations, now }, found, certificate] = await Promise.all([
    asked,
    askServices(services),
    tls === '' ? undefined : readCertificate(tls),
  ]);
  return { now, version: VERSION, overview, destinations, services: found, certificate, bind };
}

async function askServices(list: string): Promise<ServiceFacts[]> {
  const named = list.split(',').filter((item) => item.includes('='));
  const asked = named.map(async (item) => {
    const at = item.indexOf('=');
    const [name, url] = [item.slice(0, at).trim(), new URL(item.slice(at + 1).trim())];
    const urls = await addressesOf(url).catch(() => undefined);
    if (!urls) return [{ name, isReady: undefined, reasons: [`${url.hostname} is not there`], figures: [] }];
    return Promise.all(urls.map((one) => askService(urls.length > 1 ? `${name} ${one.hostname}` : name, one)));
  });
  return (await Promise.all(asked)).flat();
}

async function addressesOf(url: URL): Promise<URL[]> {
  if (isIP(url.hostname) !== 0) return [url];
  const found = await lookup(url.hostname, { all: true, family: 4 });
  return found.map(({ address }) => new URL(url.href.replace(url.hostname, address)));
}

async function askService(name: string, ready: URL): Promise<ServiceFacts> {
  try {
    const answer = await ask(ready);
    const { reasons = [] } = (await answer.json().catch(() => ({}))) as { reasons?: string[] };
    const metrics = await ask(new URL('/metrics', ready));
    const figures = metrics.ok ? figuresIn(await metrics.text()) : [];
    return { name, isReady: answer.ok, reasons, figures };
  } catch (error) {
    const { name: kind, cause } = error as { name: string; cause?: { code?: string } };
    const why = kind === 'TimeoutError' ? `no answer within ${TIMEOUT_MS / 1_000} s` : (cause?.code ?? 'no answer');
    return { name, isReady: undefined, reasons: [why], figures: [] };
  }
}

function ask(url: URL): Promise<Response> {
  return fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
}

function figuresIn(text: string): Figure[] {
  return text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === undefined) return [];
    const pairs = [...labels.matchAll(/([a-z_]+)="([^"]*)"/g)].map(
      ([, label = '', said = '']) => [label, said] as const,
    );
    return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
  });
}

/** What is really served: whoever renews a file sees here whether it was taken over. */
function readCertificate(place: string): Promise<CertificateFacts> {
  const colon = place.lastIndexOf(':');
  const [host, port] = [place.slice(0, colon).replace(/^\[|\]$/g, ''), Number(place.slice(colon + 1))];
  return new Promise((resolve) => {
    const socket = connect({ host, port, rejectUnauthorized: false, timeout: TIMEOUT_MS });
    const end = (facts: CertificateFacts) => {
      socket.destroy();
      resolve(facts);
    };
    socket.once('secureConnect', () => {
      const validTo = Date.parse(socket.getPeerCertificate().valid_to);
      end({ kind: 'certificate', validTo });
    });
    socket.once('timeout', () => end({ kind: 'fault', detail: `no answer within ${TIMEOUT_MS / 1_000} s` }));
    socket.once('error', (error: NodeJS.ErrnoException) => end({ kind: 'fault', detail: error.code ?? error.message }));
  });
}
