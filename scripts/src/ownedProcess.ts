/**
 * One process of a stack in our own hands: started, killed, paused and continued by name of signal, never restarted by
 * itself unless told so. It runs in a process group of its own, and whatever is left of the group goes with it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceSpec } from './local/serviceSpecs.js';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const RESTART_PAUSE_MS = 100;

export class OwnedProcess {
  /** Deaths so far, whoever caused them. */
  deaths = 0;
  private child: ChildProcess | undefined;
  private ended: Promise<Exit> = Promise.resolve({ code: null, signal: null });
  private isKept = false;

  constructor(
    public spec: ServiceSpec,
    private readonly logFile: string,
  ) {}

  get pid(): number {
    if (this.child?.pid === undefined) throw new Error(`${this.spec.name} does not run`);
    return this.child.pid;
  }

  get isRunning(): boolean {
    return this.child !== undefined;
  }

  start(): void {
    const log = openSync(this.logFile, 'a');
    const stdio = ['ignore', log, log] as const;
    const child = spawn(this.spec.command, this.spec.args, { env: this.spec.env, stdio: [...stdio], detached: true });
    closeSync(log);
    this.child = child;
    this.ended = once(child, 'exit').then(([code, signal]: unknown[]) => this.onExit(child, { code, signal } as Exit));
  }

  /** From now on it is started again whenever it ends, as a supervisor would. */
  keepRunning(): void {
    this.isKept = true;
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  /** Resolves when it is gone. SIGKILL unless another signal is given; a paused process is killed all the same. */
  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<Exit> {
    if (!this.child) return this.ended;
    this.signal(signal);
    return this.ended;
  }

  /** Ends it for good. */
  async dispose(): Promise<void> {
    this.isKept = false;
    await this.end();
  }

  log(): string {
    return readFileSync(this.logFile, 'utf8');
  }

  private async onExit(child: ChildProcess, exit: Exit): Promise<Exit> {
    this.deaths++;
    this.child = undefined;
    sweepGroup(child.pid);
    if (this.isKept) void sleep(RESTART_PAUSE_MS).then(() => this.isKept && !this.child && this.start());
    return Promise.resolve(exit);
  }
}

/** nginx workers outlive a killed master and hold its port. */
function sweepGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // nobody is left
  }
}
