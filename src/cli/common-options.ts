/**
 * The options that every verb takes. Imported by the verbs.
 */

import { type Command, Option } from 'commander';
import { InputError } from '../core/errors.js';
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

/** Adds the common options to a verb that runs an engine. */
export function addCommonOptions(command: Command): Command {
  for (const option of commonOptions()) command.addOption(option);
  return command;
}

/** The same for a verb that runs none: scripts may give it the options that they give to all, help shows `shown` only. */
export function acceptCommonOptions(command: Command, shown: readonly string[] = ['json']): Command {
  for (const option of commonOptions()) command.addOption(option.hideHelp(!shown.includes(option.attributeName())));
  return command;
}

/** Refuses `--set` for a verb that runs what is settled already. Throws InputError. */
export function refuseSettings(verb: string, { set }: CommonOptions): void {
  const [name] = Object.keys(set);
  if (name === undefined) return;
  throw new InputError(`faultline: ${verb}: --set ${name}=${set[name]}: the finding has its settings; leave --set out`);
}

function commonOptions(): Option[] {
  return [
    new Option('--seed <n>', 'where all random numbers come from').default(1n, '1').argParser(parseSeed),
    new Option('--set <name=value>', "a setting of the scenario, or a parameter of the user's model (repeatable)")
      .default({}, 'none')
      .argParser(collectSetting),
    new Option('--budget <time>', 'stop after this time, such as 500ms, 10s, 2m or 1h').argParser(parseBudget),
    new Option('--json', 'print one JSON document').default(false, 'text'),
    new Option('--out <dir>', 'write a file for each finding into this folder'),
    new Option('--quiet', 'no progress').default(false, 'progress on stderr'),
  ];
}
