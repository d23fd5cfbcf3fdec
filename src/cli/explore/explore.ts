/**
 * `faultline explore`: searches a scenario for an interleaving that breaks it.
 */

import { Command } from 'commander';
import { wholeParser } from '../../gmem/scenarios/input-value.js';
import { addCommonOptions, type CommonOptions, OUT_OF_ENGINES } from '../options/common-options.js';
import { depthOption, strategyOption, workersOption } from '../options/engine-options.js';
import { type FormatWords, formatOption, resultFormats } from '../options/format-option.js';
import { type HtmlWords, htmlOption } from '../options/html-option.js';
import { type CoverageWords, coverageOption, type UnfoldWords, unfoldOption } from '../options/report-options.js';
import { scenarioArgument, schemeOption } from '../options/subject-options.js';
import { whileListening } from '../terminal/while-listening.js';
import { watchable } from '../watch/watchable.js';

/** What the verb takes. */
export interface ExploreWords extends CommonOptions, FormatWords, HtmlWords, UnfoldWords, CoverageWords {
  readonly scheme?: string;
  readonly strategy: string;
  readonly depth: number;
  readonly schedules?: number;
  readonly workers: number;
  readonly keepGoing: boolean;
  readonly kernel: boolean;
  /** Undefined: as many as suit the strategy. */
  readonly steps?: number;
}

/** The verb. */
export function exploreCommand(): Command {
  const command = new Command('explore')
    .description('Searches a scenario for an interleaving that breaks it.')
    .addArgument(scenarioArgument())
    .addOption(schemeOption())
    .addOption(strategyOption(['dfs']))
    .addOption(depthOption())
    .option('--schedules <n>', 'schedules to run', wholeParser('--schedules', 1, Number.MAX_SAFE_INTEGER))
    .addOption(workersOption())
    .option('--keep-going', 'look for further findings after the first', false)
    .option('--no-kernel', 'take every step without WebAssembly: slower, with the same results')
    .option('--steps <n>', 'steps after which a schedule is given up', wholeParser('--steps', 1, 10_000_000))
    .addOption(formatOption('explore', resultFormats))
    .addOption(coverageOption())
    .addOption(unfoldOption())
    .addOption(htmlOption());
  return watchable(addCommonOptions(command, OUT_OF_ENGINES), explore);
}

async function explore(scenario: string, words: ExploreWords): Promise<void> {
  if (words.strategy === 'dfs') {
    const { runExhaust } = await whileListening(() => import('./run-exhaust.js'));
    process.exitCode = await runExhaust(scenario, words);
  } else {
    const { runExplore } = await whileListening(() => import('./run-explore.js'));
    process.exitCode = await runExplore(scenario, words);
  }
}
