/**
 * `faultline check`: the compiler's rules and our own over a model or a scheme, without a search.
 */

import { Argument, Command } from 'commander';
import { acceptCommonOptions, type CommonOptions } from '../options/common-options.js';
import { anyFile, offering } from '../options/offers.js';
import { print, printJson } from '../terminal/terminal.js';
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
  const { what, looked, types } = await checkedFile(file, set);
  if (json) return printJson({ schema: 'faultline.check/1', file, what, looked, types });
  print(
    `${file}: ${what}.\nNo slip was found: ${looked}.\nTypes: ${types}.\nWhether it breaks, verify and explore say.\n`,
  );
}
