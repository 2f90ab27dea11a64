/** What `--help` and `--list` print: every option of options.ts, the exit codes of cli.ts, the scenarios. */
import type { Scenario } from '../scenarios/scenario.js';
import { METHODS } from './optionKinds.js';

export const HELP = `Posts requests to ingest, collects at the sink what delivery sends, and checks that nothing is
missing.

  --requests N           how many requests to post (default 1000)
  --duration 30s         post for so long, instead of --requests
  --data N               postbacks per request, 1 to 1000 (default 10)
  --object-bytes N       length of each data object (default: some 110)
  --endpoints N          distinct endpoints, taken in turn (default 1)
  --hosts N              distinct hosts, as names; needs a local stack whose resolver is the sink
  --rate R               requests per second, whatever the system does; latency counts from the due
                         time. Without it: every connection posts as fast as it is answered
  --connections N        keep-alive connections (default 32)
  --method GET           method of the deliveries: ${METHODS.join(' ')}
  --url URL              base URL of the stack (default TARGET_URL or http://127.0.0.1:8080)
  --path /ingest         where requests are posted to
  --sink-url URL         the sink as delivery reaches it (default SINK_URL or http://127.0.0.1:8090)
  --sink-control-url URL the sink as this command reaches it (SINK_CONTROL_URL or --sink-url)
  --drain-timeout 60s    give up when nothing new has arrived for so long
  --api-key KEY          presented as Authorization: Bearer (default INGEST_API_KEY)
  --json FILE            write the report as JSON as well
  --sink-drop 1%         let the sink lose so many, to see the ledger find them
  --sink-duplicate 1%    let it count so many twice
  --sink-delay 100ms     let it take its time
  --scenario NAME        a load described as data, with phases, groups of destinations and bounds
  --list                 the scenarios, a line each
  --max-p99 50ms         fail when the end-to-end p99 is above; also --max-p50, --max-ingest-p99
  --max-lost 0           fail when more is lost; also --max-duplicated
  --html FILE            write the report with charts, as one file that opens in a browser
  --svg FILE             write the chart of latency over time
  --ceiling              measure first what generator and sink can do with nothing between
  --help                 this text

Exit code 0: everything accepted arrived. 1: something was lost, unexpected or under a wrong id,
nothing was accepted, a bound was missed, or the stack did not answer. 2: an option was wrong.
`;

const NAME_WIDTH = 18;
/** Of the text beside the names, so that a line has at most 100 columns. */
const ABOUT = /.{1,82}(?: |$)/g;

export function listScenarios(scenarios: readonly Scenario[]): string {
  const lines = scenarios.flatMap(({ name, about }) =>
    (about.match(ABOUT) ?? []).map((part, row) => `${(row === 0 ? name : '').padEnd(NAME_WIDTH)}${part.trimEnd()}\n`),
  );
  return lines.join('');
}
