/**
 * `faultline view`: findings as pages, written beside their files or served to this machine's browser.
 */

import { Argument, Command } from 'commander';
import { wholeParser } from '../../gmem/scenarios/input-value.js';
import { acceptCommonOptions, type CommonOptions } from '../options/common-options.js';
import { anyFile, offering } from '../options/offers.js';
import { type TrustWords, trustOption } from '../options/trust-option.js';
import { whileListening } from '../terminal/while-listening.js';

/** What the verb takes. */
export interface ViewWords extends CommonOptions, TrustWords {
  readonly port?: number;
}

/** The verb. */
export function viewCommand(): Command {
  const what = new Argument('<what>', 'a finding file, a trace document (show --format trace), or a folder of these');
  const command = new Command('view')
    .description('Writes a page that shows a finding in a browser, beside its file; of a folder an index as well.')
    .addArgument(offering(what, anyFile))
    .option(
      '--port <n>',
      'write nothing, and serve the pages to browsers of this machine (0: any port)',
      wholeParser('--port', 0, 65_535),
    )
    .addOption(trustOption())
    .action(view);
  return acceptCommonOptions(command, []);
}

async function view(what: string, words: ViewWords): Promise<void> {
  const { runView } = await whileListening(() => import('./run-view.js'));
  process.exitCode = await runView(what, words);
}
