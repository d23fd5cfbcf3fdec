/**
 * `faultline findings`: what is kept in a folder.
 */

import { Command } from 'commander';
import type { ListedFinding } from '../kept/folder-listing.js';
import { plural } from '../report/quantities.js';
import { acceptCommonOptions, type CommonOptions } from './options/common-options.js';
import { print, printJson, say } from './terminal/terminal.js';

/** The verb. */
export function findingsCommand(): Command {
  const command = new Command('findings')
    .description('Lists the findings that are kept in a folder, one a line, the newest last.')
    .argument('[folder]', 'where explore, verify, stress or a test has kept them', './faultline-findings')
    .action(findings);
  return acceptCommonOptions(command);
}

async function findings(folder: string, { json }: CommonOptions): Promise<void> {
  const { listingOf } = await import('../kept/folder-listing.js');
  const { findings: all, others } = listingOf(folder);
  if (json) return printJson({ schema: 'faultline.findings/1', folder, findings: all });
  for (const other of others) say(`faultline: ${other} is no finding file.`);
  if (all.length === 0) return print(`No finding is kept in ${folder}.\n`);
  const steps = all.map(howLong);
  const width = Math.max(...steps.map((text) => text.length));
  const lines = all.map(({ file, title, of }, place) => `${file}  ${steps[place].padEnd(width)}  ${title}\n  ${of}\n`);
  print(lines.join(''));
}

function howLong({ steps, kind }: ListedFinding): string {
  if (steps !== undefined) return plural(steps, 'step');
  return kind === 'unexplained-event' ? 'traced' : 'seen live';
}
