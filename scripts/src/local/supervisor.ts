/**
 * Runs the processes of the local stack and says in the state file what runs. SIGTERM stops them in order and ends it with 0; SIGHUP
 * applies the replica counts of the replicas file, SIGUSR2 replaces the services one by one (see upgrade). When it is killed its processes go on; the next `up` or `down` finds them by the
 * state file.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@postback/core/logger';
import { awaitReady } from './readiness.js';
import { identify } from './processIdentity.js';
import { PortPicker } from './ports.js';
import { LOG_LIMITS, rotateLogs } from './rotateLogs.js';
import { serviceSpecs, SPARE, spareSpec, STOP_ORDER, withDeliveryPort } from './serviceSpecs.js';
import type { ServiceSpec, StackPlan, StackPorts } from './serviceSpecs.js';
import { baseUrlOf } from './settings.js';
import { removeState, writeState } from './stackState.js';
import { SupervisedProcess } from './supervisedProcess.js';

/** A new process that is not ready by then is not going to be. */
const REPLACE_TIMEOUT_MS = 60_000;
/** nginx leaves a server that refused alone for more than 1 s (render.sh), counted in whole seconds: up to 2 s. */
const NGINX_RETRY_MS = 3_000;

export interface Replicas {
  readonly ingest: number;
  readonly delivery: number;
}

type SupervisorDeps = Omit<StackPlan, 'ports'> & {
  readonly logger: Logger;
  /** For tests: none of the usual ports, which another stack on this machine may want too. */
  readonly anyPorts?: boolean;
};

export class Supervisor {
  private readonly processes = new Map<string, SupervisedProcess>();
  private readonly picker = new PortPicker();
  private readonly self = identify(process.pid);
  private ports: StackPorts | undefined;
  private generation = 0;
  private fault: string | undefined;
  /** Processes that have been replaced and are finishing what they have. */
  private readonly retiring = new Set<SupervisedProcess>();
  /** Until then a reader of the state would take the first few processes for all of them. */
  private isComplete = false;
  private rotation: NodeJS.Timeout | undefined;

  constructor(private readonly deps: SupervisorDeps) {}

  async start(replicas: Replicas): Promise<void> {
    const usual = (port: number) => (this.deps.anyPorts ? 0 : port);
    this.ports = {
      redis: this.deps.config.REDIS_URL === '' ? await this.picker.pick(usual(6380)) : undefined,
      sink: await this.picker.pick(usual(8090)),
      dashboard: await this.picker.pick(usual(8083)),
      ingest: await this.pickMany(replicas.ingest, usual(8081), []),
      spare: await this.picker.pick(0),
      delivery: await this.pickMany(replicas.delivery, usual(8082), []),
    };
    for (const spec of serviceSpecs({ ...this.deps, ports: this.ports })) this.startService(spec);
    this.isComplete = true;
    this.writeState();
    this.rotation = setInterval(() => rotateLogs(this.deps.layout.logDir, LOG_LIMITS), 5_000);
  }

  /** More or fewer replicas; nginx learns of new ones at once, and of those that go before they go. */
  async scale(replicas: Replicas): Promise<void> {
    if (!this.ports) return;
    this.ports = {
      ...this.ports,
      ingest: await this.pickMany(replicas.ingest, 0, this.ports.ingest),
      delivery: await this.pickMany(replicas.delivery, 0, this.ports.delivery),
    };
    const wanted = serviceSpecs({ ...this.deps, ports: this.ports });
    for (const spec of wanted) if (!this.processes.has(spec.name)) this.startService(spec);
    this.renderNginx(wanted);
    const names = new Set(wanted.map(({ name }) => name));
    await this.stopServices([...this.processes.keys()].filter((name) => !names.has(name)));
    this.generation++;
    this.writeState();
  }

  /**
   * Replaces the services, one by one, by new ones started from what is built now; readers before writers, so that nobody meets
   * an entry that he cannot read. While an ingest is away a spare one takes the requests: nginx knows it as a backup and needs no
   * reload, which would close connections that clients are just sending on. If a new one does not become ready the rest stays as
   * it is, and `fault` says so.
   */
  async upgrade(): Promise<void> {
    const spare = this.ports?.spare;
    if (!this.ports || spare === undefined) return;
    const names = [...this.processes.keys()];
    const named = (pattern: RegExp) => names.filter((name) => pattern.test(name));
    try {
      for (const name of named(/^delivery/)) await this.supersede(name);
      this.startService(spareSpec({ ...this.deps, ports: this.ports }, spare));
      await this.awaitService(SPARE);
      for (const name of [...named(/^dashboard/), ...named(/^ingest/)]) await this.restart(name);
      this.fault = undefined;
    } catch (error) {
      this.fault = (error as Error).message;
      this.deps.logger.error('upgrade.stopped', { reason: this.fault });
    }
    await this.stopServices([SPARE]);
    this.generation++;
    this.writeState();
  }

  async stop(): Promise<void> {
    clearInterval(this.rotation);
    for (const group of STOP_ORDER)
      await this.stopServices([...this.processes.keys()].filter((name) => group.test(name)));
    removeState(this.deps.layout);
  }

  /** The new one starts first, and the old one goes when it is ready. */
  private async supersede(name: string): Promise<void> {
    const old = this.processes.get(name);
    if (!old || !this.ports) return;
    const before = this.ports;
    const port = await this.picker.pick(0);
    this.ports = withDeliveryPort(before, name, port);
    this.retiring.add(old);
    const wanted = serviceSpecs({ ...this.deps, ports: this.ports });
    this.startService(wanted.find((spec) => spec.name === name) ?? old.spec);
    try {
      await this.awaitService(name);
      await old.stop();
    } catch (error) {
      await this.processes.get(name)?.stop();
      this.processes.set(name, old);
      this.ports = before;
      this.picker.release(port);
      throw error;
    } finally {
      this.retiring.delete(old);
    }
  }

  /** On the same port: the old one goes first. */
  private async restart(name: string): Promise<void> {
    const old = this.processes.get(name);
    if (!old) return;
    await old.stop();
    this.startService(old.spec);
    await this.awaitService(name);
    await sleep(NGINX_RETRY_MS);
  }

  private async awaitService(name: string): Promise<void> {
    const spec = this.processes.get(name)?.spec;
    const [notReady] = await awaitReady(() => spec && [{ ...spec, process: undefined }], REPLACE_TIMEOUT_MS);
    if (notReady) throw new Error(`${name}: ${notReady.reason}; what comes after it is not replaced`);
  }

  private startService(spec: ServiceSpec): void {
    const { logger, layout } = this.deps;
    const logFile = join(layout.logDir, `${spec.name}.log`);
    const supervised = new SupervisedProcess(spec, { logger, logFile, onChange: () => this.writeState() });
    this.processes.set(spec.name, supervised);
    supervised.start();
  }

  private async stopServices(names: readonly string[]): Promise<void> {
    const stops = names.flatMap((name) => this.processes.get(name)?.stop() ?? []);
    await Promise.all(stops);
    for (const name of names) this.processes.delete(name);
  }

  /** Keeps the ports in use, and adds or takes away at the end. */
  private async pickMany(count: number, preferred: number, current: readonly number[]): Promise<readonly number[]> {
    const ports = current.slice(0, count);
    current.slice(count).forEach((port) => this.picker.release(port));
    while (ports.length < count) ports.push(await this.picker.pick(ports.length === 0 ? preferred : 0));
    return ports;
  }

  private renderNginx(wanted: readonly ServiceSpec[]): void {
    const spec = wanted.find(({ name }) => name === 'nginx');
    const nginx = this.processes.get('nginx');
    if (!spec || !nginx) return;
    nginx.spec = spec;
    spawnSync('sh', [join(this.deps.layout.root, 'nginx/reload.sh')], { env: spec.env });
  }

  private writeState(): void {
    if (!this.self || !this.ports || !this.isComplete) return;
    writeState(this.deps.layout, {
      supervisor: this.self,
      baseUrl: baseUrlOf(this.deps.config),
      sinkUrl: `http://127.0.0.1:${this.ports.sink}`,
      dnsServers: this.deps.env['DNS_SERVERS'] ?? '',
      redisPort: this.ports.redis,
      services: [
        ...[...this.processes.values()].map(({ spec: { name, readyUrl }, identity }) => ({
          name,
          process: identity,
          readyUrl,
        })),
        ...[...this.retiring].map(({ spec: { name }, identity }) => ({ name, process: identity, readyUrl: undefined })),
      ],
      generation: this.generation,
      fault: this.fault,
    });
  }
}
