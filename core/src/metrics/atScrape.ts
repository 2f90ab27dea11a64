/** Figures that are read when somebody asks for them, instead of being kept up to date: what nobody scrapes costs nothing. */
import { Counter, Gauge, type Registry } from 'prom-client';

export interface FigureName {
  readonly name: string;
  readonly help: string;
}

/** `undefined`: not known now, so nothing is said. */
export function gaugeAtScrape(registry: Registry, about: FigureName, read: () => number | undefined): void {
  const gauge: Gauge = new Gauge({
    ...about,
    registers: [registry],
    collect: () => {
      const value = read();
      if (value === undefined) gauge.remove();
      else gauge.set(value);
    },
  });
}

/** One series per pair; whoever reads sees to it that there are few. */
export function gaugesAtScrape(
  registry: Registry,
  about: FigureName & { readonly label: string },
  read: () => Iterable<readonly [string, number]>,
): void {
  const { label, ...named } = about;
  const gauge: Gauge = new Gauge({
    ...named,
    labelNames: [label],
    registers: [registry],
    collect: () => {
      gauge.reset();
      for (const [name, value] of read()) gauge.set({ [label]: name }, value);
    },
  });
}

/** For what is counted elsewhere already. */
export function counterAtScrape(registry: Registry, about: FigureName, read: () => number | undefined): void {
  const counter: Counter = new Counter({
    ...about,
    registers: [registry],
    collect: () => {
      const value = read();
      counter.reset();
      if (value === undefined) counter.remove();
      else counter.inc(value);
    },
  });
}
