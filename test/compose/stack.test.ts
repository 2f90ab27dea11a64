/** The whole stack in containers: the tests are steps of one story and run in order. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ask, ComposeStack, eventually, freePort, type Container } from './composeStack.js';

jest.setTimeout(600_000);

let stack: ComposeStack;
let baseUrl: string;

beforeAll(async () => {
  stack = new ComposeStack(`pbtest${process.pid}`, await freePort());
});
afterAll(() => {
  stack.stack(['reset']);
});

const SAMPLE = {
  endpoint: { method: 'GET', url: 'http://sink:8090/data?title={mascot}&image={location}&foo={bar}' },
  data: [{ mascot: 'Gopher', location: 'https://blog.golang.org/gopher/gopher.png' }],
};

/** @returns the answer's status and, if it was accepted, the ids */
async function post(path = '/ingest'): Promise<{ status: number; ids: readonly string[] }> {
  const { status, body } = await ask(`${baseUrl}${path}`, { method: 'POST', body: JSON.stringify(SAMPLE) });
  return { status, ids: (JSON.parse(body) as { ids?: readonly string[] }).ids ?? [] };
}

/** What the sink got for this postback, once it has. */
function delivered(id: string) {
  return eventually(`the sink has ${id}`, async () => {
    const { body } = await ask(`${baseUrl}/sink/captured?limit=1&contains=${id}`);
    // Without the dashboard nginx cannot ask whom it lets in: a problem then.
    return (JSON.parse(body) as { captured?: readonly { method: string; url: string }[] }).captured?.[0];
  });
}

/** The ingests that answer, by the addresses in nginx's log of the requests sent from now on. */
async function ingestAddresses(): Promise<ReadonlySet<string>> {
  const since = new Date().toISOString();
  await Promise.all(Array.from({ length: 60 }, () => ask(`${baseUrl}/healthz`)));
  await new Promise((resolve) => setTimeout(resolve, 1_500)); // nginx writes its log once a second
  const [nginx] = stack.containers('nginx');
  const log = stack.docker('logs', '--since', since, nginx?.Name.slice(1) ?? '').output;
  return new Set(log.match(/(?<="upstream":")\d[\d.]+:8081(?=")/g));
}

test('up starts everything and prints the base URL on the last line', () => {
  const { status, output } = stack.stack(['demo-up']);
  expect({ status, output }).toMatchObject({ status: 0 });
  baseUrl = output.trim().split('\n').at(-1) ?? '';
  expect(baseUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});

test.each(['/ingest', '/ingest.php', '/i'])(
  'the sample posted to %s through nginx arrives at the sink',
  async (path) => {
    const { status, ids } = await post(path);
    expect({ status, ids }).toEqual({ status: 202, ids: [expect.any(String)] });
    expect(await delivered(ids[0] ?? '')).toMatchObject({
      method: 'GET',
      url: '/data?title=Gopher&image=https%3A%2F%2Fblog.golang.org%2Fgopher%2Fgopher.png&foo=',
    });
  },
);

test('what nginx itself refuses is a problem document like those of the services', async () => {
  const { status, type, body } = await ask(`${baseUrl}/ingest`, { method: 'POST', body: 'x'.repeat(1_100_000) });
  expect({ status, type }).toEqual({ status: 413, type: 'application/problem+json' });
  expect(JSON.parse(body)).toMatchObject({ type: '/docs/errors/body-too-large', status: 413 });
});

test('every container is locked down, and only nginx is published', () => {
  const containers = stack.containers();
  expect(containers.length).toBeGreaterThanOrEqual(7);
  for (const { Name, Config, HostConfig } of containers) {
    const { ReadonlyRootfs, CapDrop, Memory, PidsLimit } = HostConfig;
    const root = Config.User === '' || /^(0|root)(:|$)/.test(Config.User);
    expect({ Name, ReadonlyRootfs, CapDrop, root }).toEqual({
      Name,
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      root: false,
    });
    expect(Memory).toBeGreaterThan(0);
    expect(PidsLimit).toBeGreaterThan(0);
  }
  const published = containers.filter(({ HostConfig }) => Object.keys(HostConfig.PortBindings).length > 0);
  expect(published.map(serviceOf)).toEqual(['nginx']);
});

test('the load test loses nothing', () => {
  const { status, output } = stack.stack(['loadtest', '--requests', '500', '--data', '4', '--connections', '16']);
  expect({ status, output }).toMatchObject({ status: 0 });
  expect(output).toMatch(/lost\D+0\b/);
});

test('a new ingest that does not become healthy is removed, and the old one goes on', async () => {
  const before = stack.containers('ingest').map(({ Id }) => Id);
  const { status, output } = stack.stack(['upgrade'], { ENQUEUE_TIMEOUT: 'nonsense' });
  expect({ status, output }).toMatchObject({ status: 1 });
  expect(output).toContain('a new ingest did not become healthy');
  expect(stack.containers('ingest').map(({ Id }) => Id)).toEqual(before);
  expect((await post()).status).toBe(202);
});

test('with more replicas all of the ingests serve, one that is added later too', async () => {
  const scaled = stack.stack(['scale'], { INGEST_REPLICAS: '2', DELIVERY_REPLICAS: '2' });
  expect(scaled).toMatchObject({ status: 0 });
  expect(stack.containers('delivery')).toHaveLength(2);
  await eventually('both ingests serve', async () => ((await ingestAddresses()).size === 2 ? true : undefined));

  expect(stack.stack(['scale'], { INGEST_REPLICAS: '3', DELIVERY_REPLICAS: '2' })).toMatchObject({ status: 0 });
  await eventually('all three ingests serve', async () => ((await ingestAddresses()).size === 3 ? true : undefined));
});

test('an upgrade under load replaces the containers; nothing is refused or lost', async () => {
  const replaced = ['ingest', 'delivery', 'dashboard'] as const;
  const idsOf = (service: string) => stack.containers(service).map(({ Id }) => Id);
  const before = replaced.map(idsOf);
  expect(before.map(({ length }) => length)).toEqual([3, 2, 1]);
  const load = stack.stackMeanwhile(['loadtest', '--duration', '90s', '--rate', '40', '--data', '2']);
  const upgraded = await stack.stackMeanwhile(['upgrade']);
  expect(upgraded).toMatchObject({ status: 0 });
  const after = replaced.map(idsOf);
  after.forEach((ids, which) => {
    expect(ids).toHaveLength(before[which]?.length ?? 0);
    expect(ids.filter((id) => before[which]?.includes(id))).toEqual([]);
  });
  const { status, output } = await load;
  expect({ status, output }).toMatchObject({ status: 0 });
  expect(output).toMatch(/answers +202 × [\d,]+\n/); // and no other answer
  expect(output).toMatch(/lost\D+0\b/);
});

test.each(['ingest', 'delivery', 'dashboard', 'redis', 'nginx'])('%s that crashes comes back', async (service) => {
  const [before] = stack.containers(service);
  if (!before) throw new Error(`${service} is not there`);
  stack.crash(before);
  await eventually(`${service} has started again`, () => {
    const now = stack.containers(service).find(({ Id }) => Id === before.Id);
    return now && now.State.StartedAt !== before.State.StartedAt && now.State.Status === 'running' ? now : undefined;
  });
  const ids = await eventually('a postback is accepted', async () => {
    const answer = await post().catch(() => undefined);
    return answer?.status === 202 ? answer.ids : undefined;
  });
  await delivered(ids[0] ?? '');
});

test('an installation makes its own Redis password', () => {
  const read = (project: ComposeStack) => {
    const script = ['/opt/postback/write-password.sh', '&&', 'cat', '/run/postback/redis-password'].join(' ');
    const { status, output } = project.compose('run', '--rm', '-T', 'secrets', 'sh', '-c', script);
    expect({ status, output }).toMatchObject({ status: 0 });
    return output.trim().split('\n').at(-1); // Compose may say before that it builds
  };
  const other = new ComposeStack(`${stack.project}other`, 1);
  try {
    const [ours, theirs] = [read(stack), read(other)];
    expect(ours).toMatch(/^[0-9a-f]{64}$/);
    expect(theirs).toMatch(/^[0-9a-f]{64}$/);
    expect(theirs).not.toBe(ours);
    expect(read(stack)).toBe(ours);
  } finally {
    other.stack(['reset']);
  }
});

let waiting: string;

test('stopped containers have finished their work: all exit codes are 0', async () => {
  expect(stack.compose('stop', 'delivery')).toMatchObject({ status: 0 });
  waiting = (await post()).ids[0] ?? '';
  expect(stack.compose('stop')).toMatchObject({ status: 0 });
  const codes = stack.containers().map((container) => [serviceOf(container), container.State.ExitCode]);
  expect(codes.length).toBeGreaterThanOrEqual(10);
  expect(codes.filter(([, code]) => code !== 0)).toEqual([]);
});

test('what was accepted before a stop is delivered after the next start', async () => {
  expect(stack.stack(['demo-up'])).toMatchObject({ status: 0 });
  await delivered(waiting);
});

test('a backup that is restored starts paused, says what it would send, and sends it after resume', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'postback-backup-')), 'queue.rdb');
  try {
    expect(stack.compose('stop', 'delivery')).toMatchObject({ status: 0 });
    waiting = (await post()).ids[0] ?? '';
    expect(stack.stack(['backup', file])).toMatchObject({ status: 0 });
    expect(stack.stack(['reset'])).toMatchObject({ status: 0 });
    const restored = stack.stack(['restore', file]);
    expect(restored).toMatchObject({ status: 0 });
    expect(restored.output).toContain('would send 1 postbacks');
  } finally {
    rmSync(dirname(file), { recursive: true });
  }
  expect(stack.stack(['demo-up'])).toMatchObject({ status: 0 });
  expect(await ask(`${baseUrl}/api/resume`, { method: 'POST', body: '{}' })).toMatchObject({ status: 200 });
  await delivered(waiting);
});

test('reset leaves nothing behind', () => {
  expect(stack.stack(['reset'])).toMatchObject({ status: 0 });
  expect(stack.leftovers()).toEqual([]);
});

function serviceOf({ Config }: Container): string {
  return Config.Labels['com.docker.compose.service'] ?? '';
}
