/**
 * The options of the verbs that run the engine. Imported by them.
 */

import { availableParallelism } from 'node:os';
import { Option } from 'commander';
import { InputError } from '../core/errors.js';
import { strategyNames } from '../explore/strategy.js';
import { unknownName } from '../gmem/scenarios/input-sentence.js';
import { parseNames, wholeParser } from './option-values.js';

/** More threads than this help nobody: a run is over before they have started. */
const USUAL_WORKERS = 8;
const MOST_WORKERS = 256;

/** The strategy of whoever names none; README, "Strategies", has the figures. */
const DEFAULT_STRATEGY = 'pct';

/** `--strategy` of a verb that takes one. `more` are those that only this verb has. */
export function strategyOption(more: readonly string[]): Option {
  const names = [...strategyNames, ...more];
  return new Option('--strategy <name>', names.join(', '))
    .default(DEFAULT_STRATEGY)
    .argParser((text) => strategyNamed(text, names));
}

/** `--strategy` of a verb that takes several. */
export function strategiesOption(byDefault: readonly string[]): Option {
  return new Option('--strategy <a,b>', `${strategyNames.join(', ')}; they share the schedules evenly`)
    .default(byDefault, byDefault.join(','))
    .argParser((text) => parseNames('--strategy')(text).map((name) => strategyNamed(name, strategyNames)));
}

/** `--depth` */
export function depthOption(): Option {
  return new Option('--depth <d>', 'ordering constraints that pct looks for')
    .default(3)
    .argParser(wholeParser('--depth', 1, 100));
}

function strategyNamed(text: string, names: readonly string[]): string {
  if (names.includes(text)) return text;
  throw new InputError(`faultline: --strategy: ${unknownName('strategy', text, names)}`);
}

/** Threads for whoever does not say how many. */
export function usualWorkers(): number {
  return Math.min(availableParallelism(), USUAL_WORKERS);
}

/** `--workers` */
export function workersOption(): Option {
  return new Option('--workers <w>', 'threads')
    .default(usualWorkers(), `one a core, at most ${USUAL_WORKERS}`)
    .argParser(wholeParser('--workers', 1, MOST_WORKERS));
}
