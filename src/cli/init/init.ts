/**
 * `faultline init`: writes a model of one's own, its test, and what types and a test runner need.
 */

import { Argument, Command } from 'commander';
import { acceptCommonOptions, type CommonOptions } from '../options/common-options.js';
import { anyFolder, offering } from '../options/offers.js';
import { print, printJson } from '../terminal/terminal.js';

/** The verb. */
export function initCommand(): Command {
  const command = new Command('init')
    .description('Writes a model, its test for vitest and a tsconfig into a folder; nothing that is there is changed.')
    .addArgument(offering(new Argument('[folder]', 'made when it is absent').default('.'), anyFolder))
    .action(init);
  return acceptCommonOptions(command);
}

async function init(folder: string, { json }: CommonOptions): Promise<void> {
  const { writeProject } = await import('./project.js');
  const { written, kept, next } = writeProject(folder);
  if (json) return printJson({ schema: 'faultline.init/1', folder, written, kept });
  const there = kept.length === 0 ? '' : `Left as they were: ${kept.join(', ')}.\n`;
  print(`Written: ${written.length === 0 ? 'nothing' : written.join(', ')}.\n${there}\n${next}`);
}
