/** A system for as long as some work takes. Whatever happens, an interrupt included, nothing of it is left running. */
import { startSystem, type System, type SystemOptions } from './system.js';

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export async function withSystem<T>(options: SystemOptions, work: (system: System) => Promise<T>): Promise<T> {
  const starting = startSystem(options);
  const onSignal = (signal: keyof typeof EXIT_CODES) => {
    const stopped = starting.then((system) => system.stop()); // one that is still starting is waited for
    void stopped.catch(() => undefined).finally(() => process.exit(EXIT_CODES[signal]));
  };
  for (const signal of SIGNALS) process.once(signal, onSignal);
  try {
    const system = await starting;
    return await work(system).finally(() => system.stop());
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}
