/**
 * `faultline list`: names and titles. Compiles no machine and loads no engine, so that it answers at once.
 */

import { Command } from 'commander';
import { InputError } from '../core/errors.js';
import { notAllowed } from '../core/input-sentence.js';
import { KERNEL_DOC } from '../report/kernel-doc.js';
import { acceptCommonOptions, type CommonOptions } from './options/common-options.js';
import { print, printJson } from './terminal/terminal.js';

interface Listed {
  readonly name: string;
  readonly title: string;
}

const lists: Readonly<Record<string, () => Promise<readonly Listed[]>>> = {
  schemes: async () => (await import('../gmem/schemes/builtin-schemes.js')).builtinSchemes,
  scenarios: builtinScenarios,
  mutations: async () => (await import('../gmem/schemes/mutations.js')).mutations,
};

/** The verb. */
export function listCommand(): Command {
  const command = new Command('list')
    .description('Lists the built-in schemes, scenarios or mutations, one a line.')
    .argument('<what>', Object.keys(lists).join(', '))
    .action(list);
  return acceptCommonOptions(command);
}

async function list(what: string, { json }: CommonOptions): Promise<void> {
  const load = Object.hasOwn(lists, what) ? lists[what] : undefined;
  if (load === undefined)
    throw new InputError(`faultline: list: ${notAllowed('what', what, Object.keys(lists).join(', '))}`);
  const entries = (await load()).map(({ name, title }) => ({ name, title }));
  if (json) return printJson({ schema: 'faultline.list/1', [what]: entries });
  const width = Math.max(...entries.map(({ name }) => name.length));
  const lines = entries.map(({ name, title }) => `${name.padEnd(width)}  ${title}\n`);
  print(`${lines.join('')}\n${KERNEL_DOC}\n`);
}

async function builtinScenarios(): Promise<readonly Listed[]> {
  const { builtinScenarioNames } = await import('../gmem/scenarios/builtin-scenario-names.js');
  const { parsedScenario } = await import('../gmem/scenarios/parsed-scenarios.js');
  return await Promise.all(builtinScenarioNames.map(parsedScenario));
}
