/**
 * `faultline findings`: what is kept in a folder.
 */

import { Argument, Command } from 'commander';
import type { ListedFinding } from '../kept/folder-listing.js';
import { plural } from '../report/quantities.js';
import { acceptCommonOptions, type CommonOptions } from './options/common-options.js';
import { anyFolder, offering } from './options/offers.js';
import { print, printJson, say, terminalWidth } from './terminal/terminal.js';

/** The verb. */
export function findingsCommand(): Command {
  const folder = new Argument('[folder]', 'where explore, verify, stress or a test has kept them');
  folder.default('./faultline-findings');
  const command = new Command('findings')
    .description('Lists the findings that are kept in a folder, one a line, the newest last.')
    .addArgument(offering(folder, anyFolder))
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
  const [{ widthOf }, { wrapWords }] = await Promise.all([
    import('../report/text-width.js'),
    import('../report/wrap.js'),
  ]);
  const indented = (text: string) => wrapWords(text, terminalWidth() - 2).map((line) => `  ${line}`);
  const lines = all.flatMap(({ file, title, of }, place) => {
    const head = `${file}  ${steps[place].padEnd(width)}  `;
    // A path is not broken, for it is there to be copied.
    const left = terminalWidth() - widthOf(head);
    const whole = widthOf(title) <= left ? [`${head}${title}`] : [head.trimEnd(), ...indented(title)];
    return [...whole, ...indented(of)];
  });
  print(`${lines.join('\n')}\n`);
}

function howLong({ steps, kind }: ListedFinding): string {
  if (steps !== undefined) return plural(steps, 'step');
  return kind === 'unexplained-event' ? 'traced' : 'seen live';
}
