/** A counter for what happens with every postback: adding to a number is all that it does until it is scraped. */
import { Counter, type Registry } from 'prom-client';

export interface QuickCount {
  add(count: number): void;
}

interface QuickCounterOptions<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly Label[];
}

/** @returns makes a series, once, to be kept by whoever counts */
export function createQuickCounter<Label extends string>(
  registry: Registry,
  { name, help, labelNames }: QuickCounterOptions<Label>,
): (labels: Readonly<Record<Label, string>>) => QuickCount {
  const series: { readonly labels: Readonly<Record<Label, string>>; count: number }[] = [];
  const counter: Counter<Label> = new Counter({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    collect: () => {
      counter.reset();
      for (const { labels, count } of series) counter.inc(labels as Partial<Record<Label, string>>, count);
    },
  });
  return (labels) => {
    const one = { labels, count: 0 };
    series.push(one);
    return { add: (count) => void (one.count += count) };
  };
}
