/**
 * `faultline verify`: searches every interleaving of a scenario.
 */

import { Command, Option } from 'commander';
import { InputError } from '../../core/errors.js';
import { unknownName } from '../../core/input-sentence.js';
import { wholeParser } from '../../gmem/scenarios/input-value.js';
import { type SearchOrder, searchOrders } from '../../verify/search-order.js';
import { acceptCommonOptions, type CommonOptions } from '../options/common-options.js';
import { usualWorkers, workersOption } from '../options/engine-options.js';
import { type FormatWords, formatOption, resultFormats } from '../options/format-option.js';
import { type HtmlWords, htmlOption } from '../options/html-option.js';
import { anyFolder, offering, offerOfNames } from '../options/offers.js';
import { sizeParser } from '../options/parse-size.js';
import { type CoverageWords, coverageOption, type UnfoldWords, unfoldOption } from '../options/report-options.js';
import { scenarioArgument, schemeOption } from '../options/subject-options.js';
import { whileListening } from '../terminal/while-listening.js';
import { watchable } from '../watch/watchable.js';

/** What the verb takes. */
export interface VerifyWords extends CommonOptions, FormatWords, HtmlWords, UnfoldWords, CoverageWords {
  readonly scheme?: string;
  readonly count: boolean;
  readonly maxStates?: number;
  /** Bytes. */
  readonly maxMemory?: number;
  readonly workers: number;
  readonly all: boolean;
  readonly order: SearchOrder;
  readonly symmetry: boolean;
  readonly por: boolean;
  readonly merge: boolean;
  readonly kernel: boolean;
  readonly details: boolean;
  /** A folder. */
  readonly scratch?: string;
}

/** The verb. */
export function verifyCommand(): Command {
  const command = new Command('verify')
    .description('Searches every interleaving of a scenario, and says what is left when it cannot.')
    .addArgument(scenarioArgument())
    .addOption(schemeOption())
    .option('--all', 'go on after the first finding, to one for each signature', false)
    .option('--count', 'count the interleavings', false)
    .option(
      '--max-states <n>',
      'states to keep; breadth-first ends the level in which they are reached',
      wholeParser('--max-states', 1, 2 ** 31 - 2),
    )
    .addOption(
      new Option(
        '--max-memory <size>',
        "memory for states, such as 512M (default: 4G, at most a third of the machine's)",
      ).argParser(sizeParser('--max-memory')),
    )
    .addOption(usualWorkersOption())
    .addOption(
      offering(
        new Option('--order <order>', 'breadth-first (short findings; the shortest with --no-por), depth-first')
          .default('breadth-first')
          .argParser(parseOrder),
        offerOfNames(searchOrders),
      ),
    )
    .option('--no-symmetry', 'do not take interchangeable actors for one another')
    .option('--no-por', 'leave out no order of steps')
    .option('--no-merge', 'do not take equivalent local states for one')
    .option('--no-kernel', 'search large spaces without WebAssembly: slower, with the same results')
    .addOption(
      offering(
        new Option(
          '--scratch <dir>',
          'keep the states in files there, and go on where an earlier run stopped (docs/engines.md)',
        ),
        anyFolder,
      ),
    )
    .option('--details', 'print all counts, every actor and the reductions', false)
    .addOption(formatOption('verify', resultFormats))
    .addOption(coverageOption())
    .addOption(unfoldOption())
    .addOption(htmlOption());
  return watchable(acceptCommonOptions(command, ['set', 'budget', 'json', 'out', 'quiet']), verify);
}

async function verify(scenario: string, words: Omit<VerifyWords, 'workers'> & { workers?: number }): Promise<void> {
  const workers = words.workers ?? (words.order === 'depth-first' ? 1 : usualWorkers());
  const { runVerify } = await whileListening(() => import('./run-verify.js'));
  process.exitCode = await runVerify(scenario, { ...words, workers });
}

/** `--workers`, with a default that depends on the order. */
function usualWorkersOption(): Option {
  const option = workersOption().default(undefined);
  option.description = 'threads (default: one a core, at most 8; 1 for depth-first)';
  return option;
}

function parseOrder(text: string): string {
  if (searchOrders.some((order) => order === text)) return text;
  throw new InputError(`faultline: --order: ${unknownName('order', text, searchOrders)}`);
}
