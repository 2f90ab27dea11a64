/** A system for as long as some work takes. Whatever happens, an interrupt included, nothing of it is left running. */
import { startSystem, type System, type SystemOptions } from './system.js';

const ENDING_SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export async function withSystem<T>(options: SystemOptions, work: (system: System) => Promise<T>): Promise<T> {
  const system = await startSystem(options);
  const onSignal = (signal: NodeJS.Signals) => {
    void system.stop().finally(() => process.exit(signal === 'SIGINT' ? 130 : 143));
  };
  for (const signal of ENDING_SIGNALS) process.once(signal, onSignal);
  try {
    return await work(system);
  } finally {
    for (const signal of ENDING_SIGNALS) process.off(signal, onSignal);
    await system.stop();
  }
}
