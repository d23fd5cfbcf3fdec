/**
 * `faultline compare`: every scheme against every scenario, one table.
 *
 * A cell is verified where that takes no more than `--max-states`, and explored beyond. The options of explore say how
 * to explore and decide nothing else: who wants all cells explored says `--engine explore`. Options of an engine that is
 * not to run are refused.
 */

import { Command, Option } from 'commander';
import { InputError } from '../../core/errors.js';
import { wholeParser } from '../../gmem/scenarios/input-value.js';
import { addCommonOptions, type CommonOptions } from '../options/common-options.js';
import {
  type CompareEngine,
  depthOption,
  engineOption,
  strategyOption,
  usualEngine,
  workersOption,
} from '../options/engine-options.js';
import { type FormatWords, formatOption, resultFormats } from '../options/format-option.js';
import { type HtmlWords, htmlOption } from '../options/html-option.js';
import { anyFile, offering } from '../options/offers.js';
import { parseNames } from '../options/option-values.js';
import { scenarioOffer, schemeOffer } from '../options/subject-options.js';
import { whileListening } from '../terminal/while-listening.js';
import { watchable } from '../watch/watchable.js';

/** What the verb takes. */
export interface CompareWords extends CommonOptions, FormatWords, HtmlWords {
  readonly schemes?: readonly string[];
  readonly scenarios?: readonly string[];
  /** File of expectations. */
  readonly expect?: string;
  readonly engine: CompareEngine;
  /** Of each cell. */
  readonly maxStates: number;
  readonly strategy: string;
  readonly depth: number;
  readonly schedules?: number;
  readonly workers: number;
}

/** The verb. */
export function compareCommand(): Command {
  const command = new Command('compare')
    .description('Verifies every scheme in every scenario, or explores it, and prints one table.')
    .addOption(
      offering(
        new Option('--schemes <a,b>', 'names with +mutations, or files (default: all built-in ones)').argParser(
          parseNames('--schemes'),
        ),
        { ...schemeOffer, isList: true },
      ),
    )
    .addOption(
      offering(
        new Option(
          '--scenarios <x,y>',
          'names or files, with settings as name@setting=value (default: all built-in ones)',
        ).argParser(parseNames('--scenarios')),
        { ...scenarioOffer, isList: true },
      ),
    )
    .addOption(
      offering(
        new Option('--expect <file>', 'compare with this file, and exit 1 when a cell differs; alone: run its cells'),
        anyFile,
      ),
    )
    .addOption(engineOption())
    .addOption(
      new Option('--max-states <n>', 'states of a cell beyond which it is explored')
        .default(usualEngine.maxStates)
        .argParser(wholeParser('--max-states', 1, 2 ** 31 - 2)),
    )
    .addOption(strategyOption())
    .addOption(depthOption())
    .option(
      '--schedules <n>',
      'schedules of each cell that is explored',
      wholeParser('--schedules', 1, Number.MAX_SAFE_INTEGER),
    )
    .addOption(workersOption())
    .addOption(formatOption('compare', resultFormats))
    .addOption(htmlOption());
  return watchable(
    addCommonOptions(command, 'write a file with its story for each finding into this folder; --json has the tokens'),
    compare,
  );
}

/** By engine, the options that are not for it. */
const foreign: Readonly<Record<CompareEngine, readonly (keyof CompareWords)[]>> = {
  auto: [],
  verify: ['strategy', 'depth', 'schedules'],
  explore: ['maxStates'],
};

async function compare(words: CompareWords, command: Command): Promise<void> {
  for (const option of command.options) {
    const name = option.attributeName() as keyof CompareWords;
    if (!foreign[words.engine].includes(name) || command.getOptionValueSource(name) !== 'cli') continue;
    const other = words.engine === 'verify' ? 'explore' : 'verify';
    throw new InputError(`faultline: ${option.long}: only ${other} takes it, and --engine is ${words.engine}`);
  }
  const { runCompare } = await whileListening(() => import('./run-compare.js'));
  process.exitCode = await runCompare(words);
}
