/**
 * `faultline list`: names and titles. Compiles no machine and loads no engine, so that it answers at once.
 */

import { Argument, Command } from 'commander';
import { InputError } from '../core/errors.js';
import { unknownName } from '../core/input-sentence.js';
import { KERNEL_DOC } from '../report/kernel-doc.js';
import { builtinLists, type Listed } from './options/builtin-lists.js';
import { acceptCommonOptions, type CommonOptions } from './options/common-options.js';
import { linesOf } from './options/help-notes.js';
import { offering, offerOfNames } from './options/offers.js';
import { print, printJson, terminalWidth } from './terminal/terminal.js';

const lists: Readonly<Record<string, () => Promise<readonly Listed[]>>> = builtinLists;
const names = Object.keys(lists);

/** The verb. */
export function listCommand(): Command {
  const command = new Command('list')
    .description('Lists the built-in schemes, scenarios, mutations or variants, one a line.')
    .addArgument(offering(new Argument('<what>', names.join(', ')), offerOfNames(names)))
    .action(list);
  return acceptCommonOptions(command);
}

async function list(what: string, { json }: CommonOptions): Promise<void> {
  const load = Object.hasOwn(lists, what) ? lists[what] : undefined;
  if (load === undefined) throw new InputError(`faultline: list: ${unknownName('list', what, names)}`);
  const entries = (await load()).map(({ name, title }) => ({ name, title }));
  if (json) return printJson({ schema: 'faultline.list/1', [what]: entries });
  const width = Math.max(...entries.map(({ name }) => name.length)) + 2;
  const indent = ' '.repeat(width);
  const lines = entries.flatMap(({ name, title }) => {
    const [first, ...rest] = linesOf(title, terminalWidth() - width);
    return [`${name.padEnd(width)}${first}`, ...rest.map((line) => `${indent}${line}`)];
  });
  print(`${lines.join('\n')}\n\n${KERNEL_DOC}\n`);
}
