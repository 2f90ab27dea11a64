/**
 * One process of the stack: started, started again when it ends by itself, stopped with its signal and at last with SIGKILL.
 * It writes straight into its log file, so that its lines cost nobody else anything and it outlives its supervisor.
 *
 * States: idle -start-> running -ends-> waiting (backoff) -> running ...; any -stop-> stopped, for good.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@postback/core/logger';
import { identify, type ProcessIdentity } from './processIdentity.js';
import type { ServiceSpec } from './serviceSpecs.js';

export interface SupervisedProcessDeps {
  readonly logger: Logger;
  readonly logFile: string;
  /** Called whenever the process id has changed. */
  readonly onChange: () => void;
  /** From SIGTERM (or what the spec says) to SIGKILL; the services take up to 10 s to drain. */
  readonly stopTimeoutMs?: number;
  readonly firstBackoffMs?: number;
}

const LONGEST_BACKOFF_MS = 5_000;
/** Who ran this long did not fail at start: the next restart is quick again. */
const STEADY_AFTER_MS = 10_000;

export class SupervisedProcess {
  identity: ProcessIdentity | undefined;
  private child: ChildProcess | undefined;
  private loop: Promise<void> | undefined;
  private readonly stopping = new AbortController();

  constructor(
    public spec: ServiceSpec,
    private readonly deps: SupervisedProcessDeps,
  ) {}

  start(): void {
    this.loop ??= this.keepRunning();
  }

  /** Resolves when the process is gone. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.child?.kill(this.spec.stopSignal);
    const killer = setTimeout(() => this.child?.kill('SIGKILL'), this.deps.stopTimeoutMs ?? 15_000);
    await this.loop;
    clearTimeout(killer);
  }

  private async keepRunning(): Promise<void> {
    const firstBackoffMs = this.deps.firstBackoffMs ?? 200;
    let backoffMs = firstBackoffMs;
    while (!this.stopping.signal.aborted) {
      const startedAtMs = performance.now();
      await this.runOnce();
      if (this.stopping.signal.aborted) return;
      if (performance.now() - startedAtMs > STEADY_AFTER_MS) backoffMs = firstBackoffMs;
      await sleep(backoffMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      backoffMs = Math.min(backoffMs * 2, LONGEST_BACKOFF_MS);
    }
  }

  private async runOnce(): Promise<void> {
    const { logger, onChange, logFile } = this.deps;
    const log = openSync(logFile, 'a');
    // In a process group of its own: see sweepGroup.
    const stdio = ['ignore', log, log] as const;
    const child = spawn(this.spec.command, this.spec.args, { env: this.spec.env, stdio: [...stdio], detached: true });
    closeSync(log);
    const ended = once(child, 'exit').catch((error: unknown) => [error]);
    this.child = child;
    this.identity = child.pid === undefined ? undefined : identify(child.pid);
    logger.info('process.started', { name: this.spec.name, pid: child.pid });
    onChange();

    const [code, signal] = (await ended) as [unknown, unknown];
    if (child.pid !== undefined) sweepGroup(child.pid);
    this.child = undefined;
    this.identity = undefined;
    const level = this.stopping.signal.aborted ? 'info' : 'warn';
    logger[level]('process.ended', { name: this.spec.name, code, signal });
    onChange();
  }
}

/** Whoever outlives its master: nginx workers do when it is killed, and go on holding the port. */
function sweepGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error; // nobody is left; macOS says EPERM when only the dead are
  }
}
