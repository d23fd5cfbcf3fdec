/**
 * The options of the verbs that run the engine. Imported by them.
 */

import { availableParallelism } from 'node:os';
import { Option } from 'commander';
import { InputError } from '../../core/errors.js';
import { unknownName } from '../../core/input-sentence.js';
import { strategyNames } from '../../explore/strategy.js';
import { wholeParser } from '../../gmem/scenarios/input-value.js';
import { offering, offerOfNames } from './offers.js';

/** More threads than this help nobody: a run is over before they have started. */
const USUAL_WORKERS = 8;
const MOST_WORKERS = 256;

/** The strategy of whoever names none, and its depth; README, "Strategies", has the figures. */
export const usualStrategy = { strategy: 'mixed', depth: 5 } as const;

/** How compare answers a cell. */
export const compareEngines = ['auto', 'verify', 'explore'] as const;

/** One of `compareEngines`. */
export type CompareEngine = (typeof compareEngines)[number];

/**
 * How compare answers who does not say how. The bound is in states, so that a cell's answer does not depend on the
 * machine; the largest built-in cell has about 23,000.
 */
export const usualEngine: { readonly engine: CompareEngine; readonly maxStates: number } = {
  engine: 'auto',
  maxStates: 200_000,
};

/** `--engine` */
export function engineOption(): Option {
  const what =
    'verify: every interleaving; explore: schedules; auto: verify, and explore where there are too many states';
  const option = new Option('--engine <name>', what).default(usualEngine.engine).argParser((text) => {
    if (compareEngines.some((name) => name === text)) return text;
    throw new InputError(`faultline: --engine: ${unknownName('engine', text, compareEngines)}`);
  });
  return offering(option, offerOfNames(compareEngines));
}

/** `--strategy`. `more` are those that one verb has beside the engine's. */
export function strategyOption(more: readonly string[] = []): Option {
  const names = [...strategyNames, ...more];
  const option = new Option('--strategy <name>', names.join(', ')).default(usualStrategy.strategy);
  option.argParser((text) => {
    if (names.includes(text)) return text;
    throw new InputError(`faultline: --strategy: ${unknownName('strategy', text, names)}`);
  });
  return offering(option, offerOfNames(names));
}

/** `--depth` */
export function depthOption(): Option {
  return new Option('--depth <d>', 'ordering constraints that pct looks for')
    .default(usualStrategy.depth)
    .argParser(wholeParser('--depth', 1, 100));
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
