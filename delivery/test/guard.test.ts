import type { Clock } from '@postback/core/clock';
import { silentLogger, type Fields } from '@postback/core/logger';
import type { Decision } from '../src/decide.js';
import { createGuard, type Guard } from '../src/guard.js';
import type { Answer } from '../src/http/answerHandler.js';
import { TransportError, type ErrorClass } from '../src/http/transportError.js';

const RETRY: Decision = { kind: 'retry', delayMs: 5_000 };
const DELIVERED: Decision = { kind: 'delivered' };
const DEAD: Decision = { kind: 'dead', reason: 'rejected', detail: 'HTTP 400' };
const HANDED_BACK: Decision = { kind: 'handed-back' };

let now: number;
let guard: Guard;
let errors: { event: string; fields: Fields | undefined }[];

beforeEach(() => {
  now = 0;
  errors = [];
  const clock: Clock = { now: () => now, monotonic: () => now };
  const logger = { ...silentLogger, error: (event: string, fields?: Fields) => void errors.push({ event, fields }) };
  guard = createGuard({ logger, clock, holdMs: 20, firstProbeMs: 1_000 });
});
afterEach(() => guard.close());

const answer = (status: number, isNew = true): Answer => {
  const phases = isNew ? { dnsMs: 1, connectMs: 1, totalMs: 3 } : { totalMs: 3 };
  return { status, headers: {}, body: '', isTruncated: false, phases };
};
const url = (host: string) => `http://${host}:80`;
const fail = (host: string, errorClass: ErrorClass) =>
  guard.review({ destination: url(host), result: new TransportError(errorClass, 'x'), decision: RETRY });
const deliver = (host: string, isNew = true) =>
  guard.review({ destination: url(host), result: answer(200, isNew), decision: DELIVERED });
const die = (host: string) => guard.review({ destination: url(host), result: answer(400), decision: DEAD });
const hosts = (count: number) => Array.from({ length: count }, (_, n) => `h${n}.example`);

describe('the resolver fails for all', () => {
  test('none of the attempts counts, those before the suspicion was sure included, and it says so', async () => {
    const decisions = await Promise.all(hosts(3).map((host) => fail(host, 'resolver')));
    expect(decisions).toEqual([HANDED_BACK, HANDED_BACK, HANDED_BACK]);
    expect(guard.pausedBecause()).toMatch(/name/);
    expect(errors).toMatchObject([{ event: 'delivery.paused', fields: { fault: 'names' } }]);
    expect(await fail('h9.example', 'resolver')).toEqual(HANDED_BACK);
  });

  test('nothing is read but one probe at a time, at growing intervals, and one that works ends it', async () => {
    await Promise.all(hosts(3).map((host) => fail(host, 'resolver')));
    expect(guard.permit(50, 0)).toBe(0);
    now = 1_000;
    expect(guard.permit(50, 1)).toBe(0); // somebody is still under way
    expect(guard.permit(50, 0)).toBe(1);
    expect(guard.permit(50, 0)).toBe(0);
    expect(await fail('h1.example', 'resolver')).toEqual(HANDED_BACK);
    now = 1_999;
    expect(guard.permit(50, 0)).toBe(0);
    now = 2_000;
    expect(guard.permit(50, 0)).toBe(1);
    now = 3_999;
    expect(guard.permit(50, 0)).toBe(0);
    expect(await deliver('h1.example')).toEqual(DELIVERED);
    expect(guard.pausedBecause()).toBeUndefined();
    expect(guard.permit(50, 7)).toBe(50);
  });

  test('an answer on a connection from before the pause does not end it', async () => {
    await Promise.all(hosts(3).map((host) => fail(host, 'resolver')));
    await deliver('old.example', false);
    expect(guard.pausedBecause()).toBeDefined();
  });
});

test.each(['resolver', 'dns', 'unreachable'] as const)(
  'one destination with %s pauses nobody, however often it fails, and its attempts count',
  async (errorClass) => {
    await deliver('h0.example');
    for (let n = 0; n < 50; n++) expect(await fail('h0.example', errorClass)).toEqual(RETRY);
    expect(guard.pausedBecause()).toBeUndefined();
  },
);

test('names that are missing while the resolver works pause nobody, however many, and clear what was suspected', async () => {
  for (const host of hosts(3)) await deliver(host);
  const missing = (host: string) => {
    const result = new TransportError('dns', 'nobody answers', { resolverWorks: true });
    return guard.review({ destination: url(host), result, decision: RETRY });
  };
  const suspected = fail('h0.example', 'resolver');
  for (const host of hosts(50)) expect(await missing(host)).toEqual(RETRY);
  expect(await suspected).toEqual(RETRY);
  expect(guard.pausedBecause()).toBeUndefined();
});

test('destinations that are unreachable while others are not pause nobody, however many', async () => {
  for (const host of hosts(50)) {
    const result = new TransportError('unreachable', 'x', { wayOutWorks: true });
    expect(await guard.review({ destination: url(host), result, decision: RETRY })).toEqual(RETRY);
  }
  expect(guard.pausedBecause()).toBeUndefined();
});

test('what the address guard refuses is never our fault, of however many destinations', async () => {
  const decision: Decision = { kind: 'dead', reason: 'forbidden-target', detail: 'a loopback address' };
  const refused = (host: string) =>
    guard.review({ destination: url(host), result: new TransportError('forbidden-target', 'x'), decision });
  for (const host of hosts(50)) expect(await refused(host)).toEqual(decision);
  expect(guard.pausedBecause()).toBeUndefined();
});

test('names that never existed are counted at once, few of them pause nobody', async () => {
  for (const host of hosts(5)) expect(await fail(host, 'dns')).toEqual(RETRY);
  expect(guard.pausedBecause()).toBeUndefined();
});

test('three destinations that worked before and are not found any more are our fault', async () => {
  for (const host of hosts(3)) await deliver(host);
  expect(await Promise.all(hosts(3).map((host) => fail(host, 'dns')))).toEqual(Array(3).fill(HANDED_BACK));
});

test('a new connection to anybody proves that it is not us', async () => {
  const first = hosts(2).map((host) => fail(host, 'resolver'));
  await deliver('healthy.example');
  expect(await Promise.all(first)).toEqual([RETRY, RETRY]);
  expect(await fail('h2.example', 'resolver')).toEqual(RETRY);
  expect(guard.pausedBecause()).toBeUndefined();
});

test('a connection to an address proves nothing about names', async () => {
  const first = hosts(2).map((host) => fail(host, 'resolver'));
  await deliver('192.0.2.1');
  expect(await Promise.all([...first, fail('h2.example', 'resolver')])).toEqual(Array(3).fill(HANDED_BACK));
});

test('failures far apart are no outage', async () => {
  for (const host of hosts(20)) {
    expect(await fail(host, 'resolver')).toEqual(RETRY);
    now += 10_001;
  }
});

test('too many open files is ours with a single destination too', async () => {
  expect(await fail('h0.example', 'no-resources')).toEqual(HANDED_BACK);
  expect(guard.pausedBecause()).toMatch(/open files/);
});

test.each(['timeout', 'connection-reset', 'connection-refused', 'tls', 'bad-answer'] as const)(
  '%s at many destinations is theirs',
  async (errorClass) => {
    for (const host of hosts(30)) expect(await fail(host, errorClass)).toEqual(RETRY);
    expect(guard.pausedBecause()).toBeUndefined();
  },
);

describe('refusals', () => {
  test('by many destinations and no delivery among them: at most ten die, then delivery pauses', async () => {
    const decisions: Decision[] = [];
    for (const host of hosts(30)) decisions.push(await die(host));
    expect(decisions.filter(({ kind }) => kind === 'dead').length).toBeLessThanOrEqual(10);
    expect(guard.pausedBecause()).toMatch(/refuses/);
  });

  test('by one destination, however many, or with deliveries in between, are theirs', async () => {
    for (let n = 0; n < 50; n++) expect(await die('h0.example')).toEqual(DEAD);
    for (const host of hosts(50)) {
      expect(await die(host)).toEqual(DEAD);
      await deliver('healthy.example');
    }
    expect(guard.pausedBecause()).toBeUndefined();
  });

  test('end by hand, and are not held against us again before something was delivered', async () => {
    for (const host of hosts(10)) await die(host);
    guard.resume();
    expect(guard.pausedBecause()).toBeUndefined();
    for (const host of hosts(30)) expect(await die(host)).toEqual(DEAD);
  });
});

test('closing judges what waits as ours, at once', async () => {
  const waiting = fail('h0.example', 'resolver');
  guard.close();
  expect(await waiting).toEqual(HANDED_BACK);
});
