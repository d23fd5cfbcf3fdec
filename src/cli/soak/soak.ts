/**
 * `faultline soak`: runs scenarios under true parallelism for hours, and loses nothing of what it finds.
 */

import { Argument, Command, Option } from 'commander';
import { InputError } from '../../core/errors.js';
import { wholeParser } from '../../gmem/scenarios/input-value.js';
import { scenarioBounds } from '../../gmem/scenarios/scenario.js';
import { addMetricsOptions, type MetricsWords } from '../metrics/metrics-options.js';
import { addCommonOptions, type CommonOptions } from '../options/common-options.js';
import { addNote } from '../options/help-notes.js';
import { type HtmlWords, htmlOption } from '../options/html-option.js';
import { type LiveWords, liveOption } from '../options/live-option.js';
import { anyFolder, offering } from '../options/offers.js';
import { parseNames, rateParser, timeParser } from '../options/option-values.js';
import { scenarioOffer, schemeOffer } from '../options/subject-options.js';
import { type TrustWords, trustOption } from '../options/trust-option.js';
import { whileListening } from '../terminal/while-listening.js';

/** What the verb takes. */
export interface SoakWords extends CommonOptions, TrustWords, LiveWords, HtmlWords, MetricsWords {
  /** Undefined: mainline's. */
  readonly scheme?: readonly string[];
  /** Undefined: as the scenario has, then more. */
  readonly vcpus?: readonly number[];
  /** Undefined: one a core. */
  readonly threads?: number;
  readonly perturb: readonly number[];
  readonly failures: readonly number[];
  /** Milliseconds. */
  readonly step: number;
  /** Milliseconds. */
  readonly checkpoint: number;
  /** Folder of a campaign. */
  readonly resume?: string;
}

const MOST_VCPUS = scenarioBounds.liveActors;
const MOST_THREADS = 256;

/** What may stand beside `--resume`: all else the campaign has settled. */
const BESIDE_RESUME: ReadonlySet<string> = new Set([
  ...['resume', 'budget', 'json', 'quiet', 'trust', 'live', 'html', 'metrics', 'metricsPort'],
]);

const MORE = `
Without --budget it runs for 8 h, without --out it writes to ./faultline-soak. A campaign is a row of steps; each runs
one scenario under one scheme with one number of vCPUs and one rate of --perturb and --failures, by turns. What is found
is in the folder before it is shown, so that neither kill -9 nor a full disk takes it away:
--resume <dir> takes the campaign up where it stands, for what is left of its budget or for --budget more.`;

/** The verb. */
export function soakCommand(): Command {
  const command: Command = new Command('soak')
    .description('Runs scenarios on parallel threads for hours and keeps all they find; takes up where it was killed.')
    .addArgument(
      offering(
        new Argument('[scenario...]', 'built-in names, scenarios (.yaml), models (.ts, .js) or recorded logs'),
        scenarioOffer,
      ),
    )
    .addOption(
      offering(
        new Option(
          '--scheme <a,b>',
          'built-in names with +mutations, or files that export one (default: "v2-hook-every-fault")',
        ).argParser(parseNames('--scheme')),
        { ...schemeOffer, isList: true },
      ),
    )
    .option(
      '--vcpus <a,b>',
      "vCPUs by turns, copies of the scenario's (default: as many as it has, 2, 4, 8)",
      listParser('--vcpus', wholeParser('--vcpus', 1, MOST_VCPUS)),
    )
    .option(
      '--threads <t>',
      'worker threads that host the actors (default: one a core)',
      wholeParser('--threads', 1, MOST_THREADS),
    )
    .addOption(
      new Option('--perturb <a,b>', 'shares of flag accesses and lock ops with a stall, by turns')
        .default([0, 0.02, 0.1], '0, 0.02, 0.1')
        .argParser(listParser('--perturb', rateParser('--perturb'))),
    )
    .addOption(
      new Option('--failures <a,b>', 'shares of hooks and allocations that fail where they may, by turns')
        .default([0, 0.1], '0, 0.1')
        .argParser(listParser('--failures', rateParser('--failures'))),
    )
    .addOption(new Option('--step <time>', 'how long a step runs').default(5_000, '5s').argParser(timeParser('--step')))
    .addOption(
      new Option('--checkpoint <time>', 'time between two checkpoints')
        .default(30_000, '30s')
        .argParser(timeParser('--checkpoint')),
    )
    .addOption(offering(new Option('--resume <dir>', 'take up the campaign of this folder'), anyFolder))
    .addOption(trustOption())
    .addOption(liveOption())
    .addOption(htmlOption())
    .action((scenarios: readonly string[], words: SoakWords) => soak(command, scenarios, words));
  addMetricsOptions(command);
  addNote(command, MORE);
  return addCommonOptions(command, 'folder of the campaign: its journal, and a file for each finding');
}

async function soak(command: Command, scenarios: readonly string[], words: SoakWords): Promise<void> {
  if (words.resume !== undefined) refuseBesideResume(command, scenarios);
  const { runSoak } = await whileListening(() => import('./run-soak.js'));
  process.exitCode = await runSoak(scenarios, words);
}

function refuseBesideResume(command: Command, scenarios: readonly string[]): void {
  const given = command.options.find(
    (option) =>
      !BESIDE_RESUME.has(option.attributeName()) && command.getOptionValueSource(option.attributeName()) === 'cli',
  );
  const word = scenarios.length > 0 ? scenarios[0] : given?.long;
  if (word === undefined) return;
  throw new InputError(`faultline: soak --resume: the campaign has settled what ${word} would; leave it out.`);
}

/** A parser of values with commas between them; a value that is given twice counts once. */
function listParser<T>(option: string, parse: (text: string) => T): (text: string) => readonly T[] {
  const names = parseNames(option);
  return (text) => [...new Set(names(text).map(parse))];
}
