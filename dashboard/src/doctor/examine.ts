/** What is wrong, judged by the facts alone. Pure; the order is that in which to look. */
import { examineQueue } from './examineQueue.js';
import { examineRedis } from './examineRedis.js';
import type { CertificateFacts, Facts, Finding, ServiceFacts } from './facts.js';

const DAY_MS = 86_400_000;
const RENEW_MS = 14 * DAY_MS;
const CLOCK_MS = 2_000;
const LOOPBACK = /^(127\.|localhost$|\[?::1\]?$)/;

export function examine(facts: Facts): Finding[] {
  const { overview, services, now } = facts;
  return [
    ...(typeof overview === 'string' ? [apiAway(overview)] : []),
    ...services.flatMap(examineService),
    ...(typeof overview === 'string' ? [] : [...examineRedis(overview, services), ...examineQueue(overview, facts)]),
    ...(typeof overview === 'string' || !overview.redis.isReachable ? [] : examineClock(Date.parse(overview.at), now)),
    ...examineVersions(facts),
    ...examineCertificate(facts.certificate, now),
    ...examineSettings(facts),
  ];
}

function apiAway(why: string): Finding {
  return { level: 'bad', what: `the dashboard cannot be asked: ${why}`, next: 'docker compose ps; make up' };
}

function examineService({ name, isReady, reasons }: ServiceFacts): Finding[] {
  const [service = name] = name.split(' ');
  if (isReady) return [];
  const why = reasons.join('; ') || 'it does not say why';
  if (isReady === undefined) {
    return [
      { level: 'bad', what: `${name} does not answer: ${why}`, next: `make up; its log: make logs (${service})` },
    ];
  }
  return [
    {
      level: 'bad',
      what: `${name} is not ready: ${why}`,
      next: 'docs/operations.md: requests are refused, delivery is paused',
    },
  ];
}

function examineClock(redisNow: number, now: number): Finding[] {
  const apartMs = Math.abs(now - redisNow);
  if (apartMs <= CLOCK_MS) return [];
  const what = `the clocks of this machine and of Redis are ${Math.round(apartMs / 1_000)} s apart`;
  return [{ level: 'attention', what, next: 'set both by NTP; ages are counted by the clock of Redis' }];
}

function examineVersions({ version, overview, services }: Facts): Finding[] {
  const told = services.flatMap(({ figures }) => figures.filter(({ name }) => name === 'postback_build_info'));
  const workers = typeof overview === 'string' ? [] : overview.workers.filter(({ isAlive }) => isAlive);
  const versions = new Set([
    version,
    ...told.map(({ labels }) => labels['version']),
    ...workers.map((one) => one.version),
  ]);
  if (versions.size === 1) return [];
  const what = `several versions run: ${[...versions].join(', ')}`;
  return [{ level: 'attention', what, next: 'while an upgrade runs this is as it should be; else: make upgrade' }];
}

function examineCertificate(certificate: CertificateFacts | undefined, now: number): Finding[] {
  if (!certificate) return [];
  if (certificate.kind === 'fault') {
    return [
      {
        level: 'bad',
        what: `TLS does not answer: ${certificate.detail}`,
        next: 'the log of nginx; TLS_CERT_FILE, TLS_KEY_FILE',
      },
    ];
  }
  const leftMs = certificate.validTo - now;
  if (leftMs > RENEW_MS) return [];
  const when = new Date(certificate.validTo).toISOString();
  const next = 'renew it and put it where TLS_CERT_FILE is; nginx takes it over within seconds';
  if (leftMs <= 0) return [{ level: 'bad', what: `the certificate has expired (${when})`, next }];
  return [
    { level: 'attention', what: `the certificate expires in ${Math.floor(leftMs / DAY_MS)} days (${when})`, next },
  ];
}

function examineSettings({ bind, certificate, services }: Facts): Finding[] {
  const risks = services.flatMap(({ figures }) =>
    figures.filter(({ name, value }) => name === 'postback_risky_setting' && value > 0),
  );
  const named = [...new Set(risks.map(({ labels }) => labels['setting'] ?? ''))];
  const found = named.map((setting): Finding => ({
    level: 'attention',
    what: `dangerous setting: ${setting}`,
    next: 'docs/configuration.md',
  }));
  if (LOOPBACK.test(bind) || certificate) return found;
  const what = `HTTP_BIND=${bind} lets others in, and there is no TLS: keys can be read on their way`;
  return [
    ...found,
    { level: 'attention', what, next: 'HTTPS_PORT (docs/security.md), unless a proxy in front speaks TLS' },
  ];
}
