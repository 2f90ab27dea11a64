/**
 * What names stand for: the hosts file, then the resolver, remembered for a while. Nobody waits because of somebody else's name: a
 * name is asked for once at a time, whoever wants it, and a silent one is left alone for some seconds. What is remembered is no
 * permission: the address guard judges it anew for every connection.
 *
 * A name without an answer is either the fault of those who answer for it, or of our resolver. Which one, the last names that did have
 * an answer tell: they are asked for again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { TransportError } from '../http/transportError.js';
import type { LookUpAddresses } from '../http/connector.js';
import type { HostsFile } from './hostsFile.js';
import type { NameAnswer, QueryName } from './queryName.js';

export interface Names {
  readonly lookUp: LookUpAddresses;
  /** The name is being looked up, and nobody has been answered for so long: who cannot wait longer does not know that it is the name's fault. */
  isSilentAbout(name: string, forMs: number): boolean;
}

export interface NamesDeps {
  readonly query: QueryName;
  readonly hosts: HostsFile;
  /** As of `query`. Nobody waits longer, whoever is at fault. */
  readonly timeoutMs: number;
  readonly now?: () => number;
}

/** Enough for every partner of a large sender. */
const KEPT_NAMES = 10_000;
/** A ttl of the resolver counts within these: shorter ones would ask for every connection, longer ones would miss a move. */
const FOUND_MS = { min: 1_000, max: 60_000 };
/** As long as the first wait before a retry: one answer per attempt, not one question per postback. */
const MISSING_MS = 4_000;
const SILENT_MS = 4_000;
/** Whether others are answered is asked after half the timeout, and early enough for an attempt whose own deadline is shorter. */
const PROOF_AFTER_MS = 300;
/** Questions under way, for as many names: one more is answered with silence. Each is a socket and its tries. */
const MAX_UNDER_WAY = 1_000;
/** Names that are asked for again: one alone may have lost its own servers. */
const WITNESSES = 3;

type Failure = Exclude<NameAnswer, { kind: 'found' }>;

export function createNames({ query, hosts, timeoutMs, now = () => performance.now() }: NamesDeps): Names {
  const kept = new LRUCache<string, { readonly answer: NameAnswer; readonly until: number }>({ max: KEPT_NAMES });
  const underWay = new Map<string, Promise<NameAnswer>>();
  const known = new LRUCache<string, true>({ max: WITNESSES });
  /** Name → who waits for it. */
  const waiting = new Map<string, number>();
  let foundAt = -Infinity;
  let proof: { readonly works: Promise<boolean>; readonly at: number } | undefined;

  async function ask(name: string): Promise<NameAnswer> {
    const answer = await query(name);
    kept.set(name, { answer, until: now() + keepMs(answer) });
    if (answer.kind === 'silent') known.delete(name);
    if (answer.kind !== 'found' || !name.includes('.')) return answer; // Docker itself answers for containers' names
    known.set(name, true);
    foundAt = now();
    return answer;
  }

  /** Shared with everybody who wants the same name meanwhile. */
  function asked(name: string): Promise<NameAnswer> {
    const shared = underWay.get(name);
    if (shared) return shared;
    if (underWay.size >= MAX_UNDER_WAY) return Promise.resolve({ kind: 'silent', code: 'too many names at once' });
    const asking = ask(name).finally(() => underWay.delete(name));
    underWay.set(name, asking);
    return asking;
  }

  /** Has the resolver answered for any name since `since`, or does it now? */
  function resolverWorks(since: number): Promise<boolean> {
    if (foundAt >= since) return Promise.resolve(true);
    if (!proof || now() - proof.at > timeoutMs) {
      const answers = Promise.all([...known.keys()].map(asked));
      proof = { works: answers.then((all) => all.some(({ kind }) => kind === 'found')), at: now() };
    }
    return proof.works;
  }

  async function find(name: string): Promise<NameAnswer> {
    const written = await hosts.find(name);
    if (written.length > 0) return { kind: 'found', addresses: written, ttlMs: 0 };
    if (/(^|\.)localhost$/.test(name)) return { kind: 'found', addresses: ['127.0.0.1', '::1'], ttlMs: 0 }; // RFC 6761
    const remembered = kept.get(name);
    return remembered && now() < remembered.until ? remembered.answer : asked(name);
  }

  async function lookUp(name: string): Promise<readonly string[]> {
    const since = now();
    const startedAt = performance.now();
    const proofMs = Math.min(PROOF_AFTER_MS, timeoutMs / 2);
    const early = setTimeout(() => void resolverWorks(since), proofMs); // so that it is known in time
    const answer = await find(name).finally(() => clearTimeout(early));
    if (answer.kind === 'found') return answer.addresses;
    const restMs = Math.max(0, startedAt + timeoutMs - performance.now());
    const works = await Promise.race([resolverWorks(since), sleep(restMs, false, { ref: false })]);
    throw nameError(name, answer, works);
  }

  return {
    lookUp: async (written) => {
      const name = normalize(written);
      waiting.set(name, (waiting.get(name) ?? 0) + 1);
      return lookUp(name).finally(() => {
        const left = (waiting.get(name) ?? 1) - 1;
        if (left === 0) waiting.delete(name);
        else waiting.set(name, left);
      });
    },
    isSilentAbout: (name, forMs) => waiting.has(normalize(name)) && foundAt < now() - forMs,
  };
}

function normalize(written: string): string {
  return written.toLowerCase().replace(/\.$/, '');
}

function keepMs(answer: NameAnswer): number {
  if (answer.kind === 'found') return Math.min(FOUND_MS.max, Math.max(FOUND_MS.min, answer.ttlMs));
  return answer.kind === 'missing' ? MISSING_MS : SILENT_MS;
}

function nameError(name: string, { kind, code }: Failure, resolverWorks: boolean): TransportError {
  if (kind === 'missing') return new TransportError('dns', `${name} does not exist (${code})`, { resolverWorks });
  if (!resolverWorks) return new TransportError('resolver', `no answer about ${name} (${code})`);
  const detail = `nobody answers for ${name} (${code}); the resolver answers about other names`;
  return new TransportError('dns', detail, { resolverWorks });
}
