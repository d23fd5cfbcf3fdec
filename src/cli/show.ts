/**
 * `faultline show`: a finding from its file, the diagram of a machine, the text of a scheme.
 */

import { existsSync } from 'node:fs';
import { Argument, Command } from 'commander';
import { InputError } from '../core/errors.js';
import { notAllowed, unknownName } from '../core/input-sentence.js';
import type { RunOnPage } from '../trace/page-data.js';
import { builtinLists } from './options/builtin-lists.js';
import { acceptCommonOptions, type CommonOptions } from './options/common-options.js';
import { type FormatWords, findingFormats, formatOf, formatOption, isPrinted } from './options/format-option.js';
import { type HtmlWords, htmlOption, refuseUnwritablePage, writeRunsPage } from './options/html-option.js';
import { type Offer, offering, offerOfNames } from './options/offers.js';
import { type UnfoldWords, unfoldOf, unfoldOption } from './options/report-options.js';
import { type TrustWords, trustOption } from './options/trust-option.js';
import { print, printJson, printText, say } from './terminal/terminal.js';

type ShowOptions = CommonOptions & FormatWords & HtmlWords & UnfoldWords & TrustWords;

const machines = {
  folio: async () => (await import('../../machines/folio.js')).folioMachine,
  rmp: async () => (await import('../../machines/rmp.js')).rmpMachine,
  sept: async () => (await import('../../machines/sept.js')).septMachine,
  tdPage: async () => (await import('../../machines/td-page.js')).tdPageMachine,
  poison: async () => (await import('../../machines/poison.js')).poisonMachine,
};

const namesOffer: Offer = {
  names: async (_, [what]) =>
    what === 'machine'
      ? Object.keys(machines).map((name) => ({ name }))
      : what === 'scheme'
        ? await builtinLists.schemes()
        : [],
  paths: ([what]) => (what === 'machine' ? undefined : 'files'),
};

/** The verb. */
export function showCommand(): Command {
  const command = new Command('show')
    .description(
      'Shows a finding file, `machine folio|rmp|sept|tdPage|poison` as a diagram, or the text of `scheme <name>`.',
    )
    .addArgument(
      offering(new Argument('<what>', 'a finding file, "machine" or "scheme"'), {
        ...offerOfNames(['machine', 'scheme']),
        paths: 'files',
      }),
    )
    .addArgument(
      offering(new Argument('[names...]', 'the name of the machine or the scheme; more finding files'), namesOffer),
    )
    .addOption(formatOption('show', findingFormats))
    .addOption(unfoldOption())
    .addOption(htmlOption())
    .addOption(trustOption())
    .action(show);
  return acceptCommonOptions(command);
}

async function show(what: string, names: readonly string[], options: ShowOptions): Promise<void> {
  const [name] = names;
  const format = formatOf(options);
  const isFinding = what !== 'machine' && what !== 'scheme';
  if (options.unfold && (!isFinding || (format ?? 'columns') !== 'columns')) {
    throw new InputError('faultline: --unfold: only the columns of a finding have sections that could be unfolded.');
  }
  if (options.html !== undefined && !isFinding) {
    throw new InputError('faultline: --html: only a finding has a page.');
  }
  if (!isFinding && names.length > 1) {
    throw new InputError(`faultline: show ${what}: it takes one name, and "${names[1]}" is a second one.`);
  }
  if (what === 'machine') return showMachine(needed('machine', name), format);
  if (what === 'scheme') return showScheme(needed('scheme', name), format);
  const files = [what, ...names];
  const missing = files.find((file) => !existsSync(file));
  if (missing !== undefined) {
    const known = ['machine', 'scheme'];
    throw new InputError(`faultline: show: ${unknownName('thing to show', missing, known, ', or a finding file')}`);
  }
  refuseUnwritablePage(options);
  const { findingFileText } = await import('../kept/finding-text.js');
  const how = { unfold: unfoldOf(options), trusted: options.trust };
  if (format !== undefined && !isPrinted(format)) {
    const { documentsOfFiles } = await import('../kept/finding-text.js');
    const { printRuns } = await import('./terminal/print-export.js');
    await printRuns('show', format, await documentsOfFiles(files, say, how));
  } else {
    for (const [place, file] of files.entries()) {
      if (place > 0) print('\n');
      print(await findingFileText(file, format ?? 'columns', say, how));
    }
  }
  if (options.html === undefined) return;
  const { pageRunOfFile } = await import('../kept/page-runs.js');
  const runs: RunOnPage[] = [];
  for (const file of files) runs.push(await pageRunOfFile(file, say, how));
  await writeRunsPage(options, runs);
}

function isMachine(name: string): name is keyof typeof machines {
  return Object.hasOwn(machines, name);
}

async function showMachine(name: string, format: string | undefined): Promise<void> {
  if (!isMachine(name)) {
    throw new InputError(`faultline: show machine: ${unknownName('machine', name, Object.keys(machines))}`);
  }
  const machine = await machines[name]();
  if (format === 'json') return printJson(machine.definition);
  if (format !== undefined && format !== 'mermaid') throw noSuchFormat('a machine', format, 'mermaid, json');
  const { mermaidOf } = await import('../report/mermaid.js');
  print(mermaidOf(machine));
}

async function showScheme(name: string, format: string | undefined): Promise<void> {
  const { schemeText } = await import('../subject/scheme-text.js');
  const text = await schemeText(name);
  if (format === 'json') return printJson({ schema: 'faultline.scheme/1', name, text });
  if (format !== undefined) throw noSuchFormat('a scheme', format, 'its text (no --format), json');
  printText(text);
}

function noSuchFormat(what: string, format: string, allowed: string): InputError {
  return new InputError(`faultline: --format: ${notAllowed(`the format of ${what}`, format, allowed)}`);
}

function needed(what: string, name: string | undefined): string {
  if (name !== undefined) return name;
  throw new InputError(`faultline: show ${what}: the name of the ${what} is missing.`);
}
