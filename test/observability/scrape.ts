/** Reading what /metrics says: the text itself, and its samples by name and labels. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export async function scrape(baseUrl: string): Promise<string> {
  const response = await fetch(`${baseUrl}/metrics`);
  if (response.status !== 200) throw new Error(`${baseUrl}/metrics answered ${response.status}`);
  return response.text();
}

export function samplesOf(said: string): Sample[] {
  const lines = said.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const [, name = '', labels = '', value = ''] = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    const pairs = [...labels.matchAll(/([a-z_]+)="([^"]*)"/g)].map(([, label = '', said = '']) => [label, said]);
    return { name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) };
  });
}

/** The sum of all samples of the name that have these labels; `undefined` when there is none. */
export function figure(said: string, name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  const fits = (sample: Sample) =>
    sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value);
  const found = samplesOf(said).filter(fits);
  return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
}

export const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

/** As `test`; where Debian's package prometheus is not installed, the line says why it was left out. */
export function testWithPromtool(name: string, run: () => Promise<void>): void {
  if (hasPromtool) test(name, run);
  else test.skip(`${name} (promtool is not there: apt-get install prometheus)`, () => undefined);
}

/** @returns what promtool complains about; empty when it does not */
export async function promtool(args: readonly string[], input = ''): Promise<string> {
  const child = spawn('promtool', args);
  child.stdin.end(input);
  const [out, err, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return status === 0 && err === '' ? '' : out + err;
}
