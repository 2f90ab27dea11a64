import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { layoutOf, repositoryRoot } from '../../src/local/layout.js';
import { serviceSpecs, STOP_ORDER, type StackPorts } from '../../src/local/serviceSpecs.js';
import { parseLocalConfig } from '../../src/local/settings.js';

const ports: StackPorts = { redis: 6380, ingest: [8081, 9001], delivery: [8082], dashboard: 8083, sink: 8090 };

function specs(changed: Partial<StackPorts> = {}, env: Record<string, string> = {}) {
  const layout = layoutOf('/stack');
  const plan = { layout, config: parseLocalConfig(env), env, node: '/node', ports: { ...ports, ...changed } };
  return new Map(serviceSpecs(plan).map((spec) => [spec.name, spec]));
}

test('each replica is a process with a port of its own, and nginx knows all of them', () => {
  const all = specs();
  expect([...all.keys()]).toEqual(['redis', 'ingest-1', 'ingest-2', 'delivery-1', 'dashboard', 'sink', 'nginx']);
  expect(all.get('ingest-2')?.env['INGEST_PORT']).toBe('9001');
  expect(all.get('nginx')?.env['INGEST_SERVERS']).toBe('127.0.0.1:8081 127.0.0.1:9001');
});

test('every process has its place in the order of stopping', () => {
  for (const name of specs().keys()) expect(STOP_ORDER.filter((group) => group.test(name))).toHaveLength(1);
});

test('the sink is allowed as a target at the ports it may open, unless the operator says otherwise', () => {
  const allowed = (env: Record<string, string>) => specs({ sink: 9090 }, env).get('delivery-1')?.env['ALLOWED_TARGETS'];
  const targets = allowed({})?.split(',') ?? [];
  expect(targets).toHaveLength(102);
  expect(targets).toEqual(expect.arrayContaining(['localhost:9090', '127.0.0.1:9090', '127.0.0.1:19090']));
  expect(allowed({ ALLOWED_TARGETS: '10.0.0.0/8' })).toBe('10.0.0.0/8');
});

test('with a Redis of the operator none is started, and its address goes through', () => {
  const all = specs({ redis: undefined }, { REDIS_URL: 'redis://elsewhere:6379' });
  expect(all.has('redis')).toBe(false);
  expect(all.get('ingest-1')?.env).toMatchObject({ REDIS_URL: 'redis://elsewhere:6379' });
  expect(all.get('ingest-1')?.env).not.toHaveProperty('REDIS_PASSWORD_FILE');
});

test('no password is in a command line or an environment that we make', () => {
  const made = JSON.stringify([...specs().values()]);
  expect(made).toContain('/stack/.local/redis-password');
  expect(made).not.toMatch(/requirepass|REDIS_PASSWORD"/);
});

test.each(['ingest', 'delivery', 'dashboard'])('%s runs with the same flags of Node as in its container', (service) => {
  const spec = [...specs().values()].find(({ name }) => name.startsWith(service));
  const command = JSON.stringify(['node', ...(spec?.args ?? [])])
    .replaceAll(',', ', ')
    .replace('/stack/', '');
  expect(readFileSync(join(repositoryRoot, 'Dockerfile'), 'utf8')).toContain(`CMD ${command}`);
});
