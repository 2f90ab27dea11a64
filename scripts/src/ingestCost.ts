/** `make bench-ingest`: what all the checks of a request cost, as a ratio to the same route with JSON.parse in their place. */
import { startTestRedis } from '@postback/core/testing/redisServer';
import { BODIES, type SampleBody } from './ingestCost/bodies.js';
import { NAMES, startContestants, type Contestant } from './ingestCost/contestants.js';
import { runRound } from './ingestCost/round.js';
import { ratioOf, spreadOf } from './bench/summary.js';
import { layoutOf, repositoryRoot } from './local/layout.js';
import { ensureNode24 } from './local/node24.js';

const ROUNDS = 7;

async function main(): Promise<void> {
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  const node = ensureNode24(layoutOf(repositoryRoot), say);
  const redis = await startTestRedis(['--maxmemory', '2gb']);
  const contestants = await startContestants(node, redis.url);
  try {
    say(['CPU µs per request', ...NAMES, ...NAMES.slice(1).map((name) => `÷ ${name}`)].join(' | '));
    for (const body of BODIES) say(rowOf(body.name, await measure(contestants, body)));
  } finally {
    await Promise.all(contestants.map((contestant) => contestant.stop()));
    await redis.stop();
  }
}

/** By contestant, the µs of each round. They alternate, so that a slow minute hits them all; the first round warms up. */
async function measure(contestants: readonly Contestant[], body: SampleBody): Promise<number[][]> {
  const figures = contestants.map((): number[] => []);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [index, contestant] of contestants.entries()) {
      const cost = await runRound(contestant, body);
      if (round > 0) figures[index]?.push(cost);
    }
  }
  return figures;
}

function rowOf(name: string, figures: readonly number[][]): string {
  const [ours = [], ...floors] = figures;
  const medians = figures.map((costs) => Math.round(spreadOf(costs).median));
  const ratios = floors.map((costs) => ratioOf(ours, costs));
  const shown = ratios.map(({ median, min, max }) => `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`);
  return [name, ...medians, ...shown].join(' | ');
}

main().catch((error: unknown) => {
  process.stderr.write(`bench failed: ${(error as Error).message}\n`);
  process.exitCode = 1;
});
