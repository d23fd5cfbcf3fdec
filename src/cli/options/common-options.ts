/**
 * The options that every verb takes. Imported by the verbs.
 */

import { type Command, Option } from 'commander';
import { InputError } from '../../core/errors.js';
import { addNote } from './help-notes.js';
import { anyFolder, type Offer, offering } from './offers.js';
import { collectSetting, parseBudget, parseSeed } from './option-values.js';

/** The values of the common options. */
export interface CommonOptions {
  readonly seed: bigint;
  /** What `--set` gave, by name. */
  readonly set: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly budget?: number;
  readonly json: boolean;
  /** Folder for finding files. */
  readonly out?: string;
  readonly quiet: boolean;
}

/** Adds the common options to a verb that runs an engine. `out` is what its help says of `--out`. */
export function addCommonOptions(command: Command, out: string): Command {
  for (const option of commonOptions(out)) command.addOption(option);
  return command;
}

/**
 * The same for a verb that has no use for all of them: scripts may give it the options that they give to all. Help
 * explains those that are `shown`, and says of the others, but for those that the verb refuses, that they do nothing.
 */
export function acceptCommonOptions(
  command: Command,
  shown: readonly string[] = ['json'],
  refused: readonly string[] = [],
): Command {
  const idle: Option[] = [];
  for (const option of commonOptions()) {
    const isShown = shown.includes(option.attributeName());
    command.addOption(option.hideHelp(!isShown));
    if (!isShown && !refused.includes(option.attributeName())) idle.push(option);
  }
  const names = idle.map(({ long }) => long).join(', ');
  return addNote(command, `Taken without effect, for scripts that give it to every verb: ${names}.`);
}

/** What help says of `--out` where a token replays the findings of built-in scenarios, and nothing else those of files. */
export const OUT_OF_ENGINES =
  'write a file for each finding into this folder (default: none; for scenarios, schemes and models of your own ' +
  './faultline-findings, because their tokens alone do not replay)';

/** Refuses `--set` for a verb that runs what is settled already. Throws InputError. */
export function refuseSettings(verb: string, { set }: CommonOptions): void {
  const [name] = Object.keys(set);
  if (name === undefined) return;
  throw new InputError(`faultline: ${verb}: --set ${name}=${set[name]}: the finding has its settings; leave --set out`);
}

/** Settings of scenarios; which parameters a model has, only the model knows. */
const settingsOffer: Offer = {
  async names(_, [scenario = '']) {
    if (/\.[cm]?[jt]s$/.test(scenario)) return [];
    const { scenarioSettings } = await import('../../gmem/scenarios/apply-settings.js');
    return scenarioSettings.map((name) => ({ name: `${name}=` }));
  },
};

function commonOptions(out: string = OUT_OF_ENGINES): Option[] {
  return [
    new Option('--seed <n>', 'where all random numbers come from').default(1n, '1').argParser(parseSeed),
    offering(
      new Option('--set <name=value>', "a setting of the scenario, or a parameter of the user's model (repeatable)")
        .default({}, 'none')
        .argParser(collectSetting),
      settingsOffer,
    ),
    new Option('--budget <time>', 'stop after this time, such as 500ms, 10s, 2m or 1h').argParser(parseBudget),
    new Option('--json', 'print one JSON document').default(false, 'text'),
    offering(new Option('--out <dir>', out), anyFolder),
    new Option('--quiet', 'no progress').default(false, 'progress on stderr'),
  ];
}
