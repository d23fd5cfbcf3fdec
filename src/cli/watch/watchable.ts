/**
 * `--watch`: the option, and what it excludes. Imported by the verbs that can be watched.
 *
 * Each run is a process of its own (run-watching.ts), with the same words but for `--watch`: what a model did to its
 * process, and every file that was loaded, is gone with it.
 */

import { existsSync, statSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { InputError } from '../../core/errors.js';
import { offerOf } from '../options/offers.js';

/** Files that are named before they exist. */
const FILE = /\.(?:[cm]?[jt]sx?|ya?ml|json)$/i;

/** The verb with `--watch`, and with `run` as what it does where nothing is watched. */
export function watchable<Given extends unknown[]>(command: Command, run: (...given: Given) => Promise<void>): Command {
  const what = 'run again whenever one of the files that were read changes, until Ctrl-C';
  return command.addOption(new Option('--watch', what)).action(async (...given) => {
    const { watch, json, format = 'columns' } = command.opts<{ watch?: boolean; json: boolean; format?: string }>();
    if (watch !== true) return await run(...(given as unknown as Given));
    const one = json ? '--json' : format === 'columns' ? undefined : `--format ${format}`;
    if (one !== undefined) {
      throw new InputError(`faultline: --watch and ${one} exclude each other: ${one} prints one document.`);
    }
    const named = namedFiles(command);
    if (named.includes('-')) throw new InputError('faultline: --watch: standard input can be read once only.');
    if (named.length === 0) {
      throw new InputError(
        `faultline: --watch: no file is named that could change; allowed: ${command.name()} of a scenario, a model or a scheme in a file.`,
      );
    }
    const { runWatching } = await import('./run-watching.js');
    process.exitCode = await runWatching(named);
  });
}

/** The files that the words of a command name, wherever files are taken; `-` is standard input. */
function namedFiles(command: Command): string[] {
  const given = [
    ...command.registeredArguments.map((argument, place) => [argument, command.processedArgs[place]] as const),
    ...command.options.map((option) => [option, command.getOptionValue(option.attributeName())] as const),
  ];
  const words = given.filter(([taker]) => offerOf(taker)?.paths === 'files').flatMap(([, value]) => value as unknown[]);
  const names = words.filter((word) => typeof word === 'string').map(withoutChanges);
  return [...new Set(names)].filter((name) => name === '-' || FILE.test(name) || isFile(name));
}

/** A name without the mutations or settings behind it. */
function withoutChanges(word: string): string {
  return isFile(word) ? word : word.split(/[+@]/)[0];
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}
