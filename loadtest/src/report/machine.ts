/** What the run ran on, as far as the generator can see. */
import { availableParallelism, cpus, platform, release, totalmem } from 'node:os';

export function describeMachine(): Readonly<Record<string, string>> {
  const [cpu] = cpus();
  return {
    cpu: `${availableParallelism()} × ${cpu?.model.trim() ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${platform()} ${release()}`,
    node: process.version,
  };
}
