/**
 * Runs the processes of the local stack and says in the state file what runs. SIGTERM stops them in order and ends it with 0; SIGHUP
 * applies the replica counts of the replicas file. When it is killed its processes go on; the next `up` or `down` finds them by the
 * state file.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Logger } from '@postback/core/logger';
import { identify } from './processIdentity.js';
import { PortPicker } from './ports.js';
import { LOG_LIMITS, rotateLogs } from './rotateLogs.js';
import { serviceSpecs, STOP_ORDER, type ServiceSpec, type StackPlan, type StackPorts } from './serviceSpecs.js';
import { baseUrlOf } from './settings.js';
import { removeState, writeState } from './stackState.js';
import { SupervisedProcess } from './supervisedProcess.js';

export interface Replicas {
  readonly ingest: number;
  readonly delivery: number;
}

type SupervisorDeps = Omit<StackPlan, 'ports'> & { readonly logger: Logger };

export class Supervisor {
  private readonly processes = new Map<string, SupervisedProcess>();
  private readonly picker = new PortPicker();
  private readonly self = identify(process.pid);
  private ports: StackPorts | undefined;
  private generation = 0;
  /** Until then a reader of the state would take the first few processes for all of them. */
  private isComplete = false;
  private rotation: NodeJS.Timeout | undefined;

  constructor(private readonly deps: SupervisorDeps) {}

  async start(replicas: Replicas): Promise<void> {
    this.ports = {
      redis: this.deps.config.REDIS_URL === '' ? await this.picker.pick(6380) : undefined,
      sink: await this.picker.pick(8090),
      dashboard: await this.picker.pick(8083),
      ingest: await this.pickMany(replicas.ingest, 8081, []),
      delivery: await this.pickMany(replicas.delivery, 8082, []),
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

  async stop(): Promise<void> {
    clearInterval(this.rotation);
    for (const group of STOP_ORDER)
      await this.stopServices([...this.processes.keys()].filter((name) => group.test(name)));
    removeState(this.deps.layout);
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
      services: [...this.processes.values()].map(({ spec, identity }) => ({
        name: spec.name,
        process: identity,
        readyUrl: spec.readyUrl,
      })),
      generation: this.generation,
    });
  }
}
