/**
 * `faultline complete`: the script that lets a shell complete our command lines, and the answers to what it asks.
 *
 * The script is that of @bomb.sh/tab: on every Tab it calls `faultline complete -- <words>`, which main hands to
 * answers.ts before anything is parsed, because those words are unfinished.
 */

import { Argument, Command } from 'commander';
import { InputError } from '../../core/errors.js';
import { unknownName } from '../../core/input-sentence.js';
import { acceptCommonOptions, type CommonOptions } from '../options/common-options.js';
import { addNote } from '../options/help-notes.js';
import { offering, offerOfNames } from '../options/offers.js';
import { printJson, printText } from '../terminal/terminal.js';

const shells = ['bash', 'zsh', 'fish', 'powershell'] as const;

const MORE = `
For this shell, and in its own file for each that is opened:
  bash        source <(faultline complete bash)        in ~/.bashrc
  zsh         source <(faultline complete zsh)         in ~/.zshrc
  fish        faultline complete fish | source         in config.fish
  powershell  faultline complete powershell | Out-String | Invoke-Expression

bash needs its package bash-completion. The script calls "faultline", which may be
a function: faultline() { ~/faultline/scripts/run "$@"; }`;

/** The verb. */
export function completeCommand(): Command {
  const command = new Command('complete')
    .description('Prints a script that lets a shell complete verbs, options, names and files.')
    .addArgument(offering(new Argument('<shell>', shells.join(', ')), offerOfNames(shells)))
    .action(complete);
  addNote(command, MORE);
  return acceptCommonOptions(command);
}

/** Whether a shell asks what could come next, in place of a user who wants something done. */
export function isShellAsking([verb, dashes]: readonly string[]): boolean {
  return verb === 'complete' && dashes === '--';
}

async function complete(shell: string, { json }: CommonOptions): Promise<void> {
  if (!shells.some((known) => known === shell)) {
    throw new InputError(`faultline: complete: ${unknownName('shell', shell, shells)}`);
  }
  const { shellScript } = await import('./shell-script.js');
  const script = shellScript(shell);
  if (json) return printJson({ schema: 'faultline.complete/1', shell, script });
  printText(script);
}
