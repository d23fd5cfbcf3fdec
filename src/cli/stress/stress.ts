/**
 * `faultline stress`: runs a scenario under true parallelism until something breaks.
 */

import { Command } from 'commander';
import { wholeParser } from '../../gmem/scenarios/input-value.js';
import { scenarioBounds } from '../../gmem/scenarios/scenario.js';
import { USUAL_FAILURES, USUAL_PERTURB } from '../../library/usual.js';
import { addMetricsOptions, type MetricsWords } from '../metrics/metrics-options.js';
import { addCommonOptions, type CommonOptions } from '../options/common-options.js';
import { addNote } from '../options/help-notes.js';
import { type HtmlWords, htmlOption } from '../options/html-option.js';
import { type LiveWords, liveOption } from '../options/live-option.js';
import { rateParser } from '../options/option-values.js';
import { type UnfoldWords, unfoldOption } from '../options/report-options.js';
import { scenarioArgument, schemeOption } from '../options/subject-options.js';
import { whileListening } from '../terminal/while-listening.js';

/** What the verb takes. */
export interface StressWords extends CommonOptions, UnfoldWords, LiveWords, HtmlWords, MetricsWords {
  readonly scheme?: string;
  /** Undefined: as many as the scenario has. */
  readonly vcpus?: number;
  /** Undefined: one a core. */
  readonly threads?: number;
  readonly perturb: number;
  readonly failures: number;
  readonly keepGoing: boolean;
}

const MOST_VCPUS = scenarioBounds.liveActors;
const MOST_THREADS = 256;

/** The verb. */
export function stressCommand(): Command {
  const command = new Command('stress')
    .description('Runs a scenario on parallel threads until something breaks, then searches for a reproducer.')
    .addArgument(scenarioArgument())
    .addOption(schemeOption())
    .option(
      '--vcpus <n>',
      "vCPUs, copies of the scenario's in turn (default: as many as it has)",
      wholeParser('--vcpus', 1, MOST_VCPUS),
    )
    .option(
      '--threads <t>',
      'worker threads that host the actors (default: one a core)',
      wholeParser('--threads', 1, MOST_THREADS),
    )
    .option(
      '--perturb <rate>',
      'share of flag accesses and lock ops with a stall of up to 30 us, 0 to 1',
      rateParser('--perturb'),
      USUAL_PERTURB,
    )
    .option(
      '--failures <rate>',
      'share of hooks and allocations that fail where the scenario lets them, 0 to 1',
      rateParser('--failures'),
      USUAL_FAILURES,
    )
    .option('--keep-going', 'run the whole budget and search for a reproducer of each finding', false)
    .addOption(unfoldOption())
    .addOption(liveOption())
    .addOption(htmlOption())
    .action(stress);
  addMetricsOptions(command);
  addNote(command, MORE);
  return addCommonOptions(command, 'write a file for each finding into this folder (default: ./faultline-findings)');
}

const MORE = `
Without --budget it runs for 10 s. Actors of a scenario loop over their calls,
on gfns drawn from the seed: --set gfns=<n> and --set frames=<n> make the world
larger. In a model of your own each actor makes its calls once and the world
starts over, many times a second, unless the model says that its calls may be
repeated (defineModel({ repeatable: true })). A live run cannot be replayed:
what it finds is searched for in small scenarios around it, and the finding
file replays that.`;

async function stress(scenario: string, words: StressWords): Promise<void> {
  const { runStress } = await whileListening(() => import('./run-stress.js'));
  process.exitCode = await runStress(scenario, words);
}
