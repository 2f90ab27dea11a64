/** doctor: what is wrong and what to do next, fit to be pasted into a ticket: no secrets, no data, no URL beyond its host. */
import { examine } from '../doctor/examine.js';
import type { Facts, Finding } from '../doctor/facts.js';
import { gatherFacts, type Places } from '../doctor/gather.js';
import type { CommandDeps } from './commands.js';
import { readOptions } from './options.js';

/** @returns 1 when somebody should look, else 0 */
export async function doctor(args: readonly string[], { api, print }: CommandDeps, places: Places): Promise<number> {
  const { json } = readOptions(args, ['json']).values;
  const facts = await gatherFacts(api, places);
  const findings = examine(facts);
  if (json) print(JSON.stringify({ version: facts.version, isHealthy: findings.length === 0, findings }, null, 2));
  else report(facts, findings, print);
  return findings.length === 0 ? 0 : 1;
}

function report({ version, services, now }: Facts, findings: readonly Finding[], print: (line: string) => void): void {
  print(`postback ${version}, ${new Date(now).toISOString()}`);
  const ready = services.filter(({ isReady }) => isReady).map(({ name }) => name);
  print(`ready: ${ready.join(', ') || 'nobody'}`);
  for (const { level, what, next } of findings) {
    print(`${level === 'bad' ? 'BAD      ' : 'attention'}  ${what}`);
    print(`           -> ${next}`);
  }
  print(findings.length === 0 ? 'healthy' : `${findings.length} to look at`);
}
