/** The command: options in, report and exit code out. No fault ends in a stack trace that the operator has to read. */
import { writeFile } from 'node:fs/promises';
import { ConfigError } from '@postback/core/config';
import type { Environment } from '@postback/core/config';
import { parseLoadtestConfig } from './config.js';
import type { LoadOptions } from './generator/options.js';
import { HELP, listScenarios } from './generator/help.js';
import { UsageError } from './generator/optionKinds.js';
import { parseOptions } from './generator/options.js';
import { SinkError } from './generator/sinkClient.js';
import { runLoadtest, UnreachableError } from './loadtest.js';
import type { PreciseClock } from './preciseClock.js';
import type { Progress } from './report/progress.js';
import { drawLatency, renderHtml } from './report/html.js';
import { renderText } from './report/text.js';
import { SCENARIOS } from './scenarios/scenarios.js';

export interface CliDeps {
  readonly args: readonly string[];
  readonly env: Environment;
  readonly now: PreciseClock;
  readonly progress: Progress;
  readonly isColored: boolean;
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
}

/** 0: everything accepted arrived; 1: it did not, or could not be found out; 2: wrong option. */
export type ExitCode = 0 | 1 | 2;

export async function runCli(deps: CliDeps): Promise<ExitCode> {
  try {
    const options = parseOptions(deps.args, parseLoadtestConfig(deps.env));
    if (typeof options === 'object') return await runAndReport(options, deps);
    deps.print(options === 'help' ? HELP : listScenarios(SCENARIOS));
    return 0;
  } catch (error) {
    return explain(error, deps.printError);
  }
}

async function runAndReport(options: LoadOptions, { now, progress, isColored, print }: CliDeps): Promise<ExitCode> {
  const report = await runLoadtest(options, { now, progress });
  print(renderText(report, isColored));
  if (options.jsonFile !== null) await write('--json', options.jsonFile, `${JSON.stringify(report, null, 2)}\n`);
  if (options.htmlFile !== null) await write('--html', options.htmlFile, renderHtml(report));
  if (options.svgFile !== null) await write('--svg', options.svgFile, drawLatency(report.series));
  return report.verdict.passed ? 0 : 1;
}

async function write(option: string, file: string, text: string): Promise<void> {
  await writeFile(file, text).catch((cause: unknown) => {
    throw new UsageError(`${option}: ${(cause as Error).message}`, { cause });
  });
}

function explain(error: unknown, printError: (text: string) => void): ExitCode {
  if (error instanceof UsageError) {
    printError(`loadtest: ${error.message} (--help lists the options)\n`);
    return 2;
  }
  const isExpected = error instanceof ConfigError || error instanceof UnreachableError || error instanceof SinkError;
  if (!isExpected) throw error;
  printError(`loadtest: ${error instanceof SinkError ? 'the sink failed: ' : ''}${error.message}\n`);
  return 1;
}
