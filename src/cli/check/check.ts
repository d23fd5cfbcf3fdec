/**
 * `faultline check`: the compiler's rules and our own over a model or a scheme, without a search.
 */

import { Argument, Command } from 'commander';
import { acceptCommonOptions, type CommonOptions } from '../options/common-options.js';
import { anyFile, offering } from '../options/offers.js';
import { print, printJson, terminalWidth } from '../terminal/terminal.js';
import { whileListening } from '../terminal/while-listening.js';
import { watchable } from '../watch/watchable.js';

/** The verb. */
export function checkCommand(): Command {
  const command = new Command('check')
    .description('Checks a model or a scheme of your own: its types, and the slips that a search would not see.')
    .addArgument(
      offering(new Argument('<file>', 'a file that exports a model or a scheme (.ts, .mts, .js, .mjs)'), anyFile),
    );
  return watchable(acceptCommonOptions(command, ['json', 'set']), checkFile);
}

async function checkFile(file: string, { json, set }: CommonOptions): Promise<void> {
  const { checkedFile } = await whileListening(() => import('./checked-file.js'));
  const { what, looked, types, notes } = await checkedFile(file, set);
  if (json) return printJson({ schema: 'faultline.check/1', file, what, looked, types, notes });
  const { wrapWords } = await import('../../report/wrap.js');
  const told = notes.map((note) => `${wrapWords(`Note: ${note}.`, terminalWidth()).join('\n')}\n`).join('');
  print(
    `${file}: ${what}.\nNo slip was found: ${looked}.\nTypes: ${types}.\n${told}Whether it breaks, verify and explore say.\n`,
  );
}
