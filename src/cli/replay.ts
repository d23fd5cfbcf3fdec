/**
 * `faultline replay`: runs a finding once more and prints it.
 */

import { existsSync } from 'node:fs';
import { Argument, Command, Option } from 'commander';
import { InputError } from '../core/errors.js';
import type { ConformFinding } from '../kept/conform-finding.js';
import type { ReplayedRun } from '../kept/replayed.js';
import type { RunOnPage } from '../trace/page-data.js';
import type { TraceDocument } from '../trace/trace-schema.js';
import { builtinLists } from './options/builtin-lists.js';
import { acceptCommonOptions, type CommonOptions, refuseSettings } from './options/common-options.js';
import { type FormatWords, findingFormats, formatOf, formatOption, isPrinted } from './options/format-option.js';
import { type HtmlWords, htmlOption, refuseUnwritablePage, writeRunsPage } from './options/html-option.js';
import { anyFile, offering } from './options/offers.js';
import { type UnfoldWords, unfoldOf, unfoldOption } from './options/report-options.js';
import { type TrustWords, trustOption } from './options/trust-option.js';
import { ExitStatus } from './terminal/exit-status.js';
import { print, printJson, say } from './terminal/terminal.js';
import { whileListening } from './terminal/while-listening.js';

/** The verb. */
export function replayCommand(): Command {
  const command = new Command('replay')
    .description('Replays a finding. Exits 1 when it breaks again, 2 when the run is another one today.')
    .addArgument(offering(new Argument('<finding...>', 'its token or its file; several, one after the other'), anyFile))
    .addOption(formatOption('replay', findingFormats))
    .addOption(unfoldOption())
    .addOption(htmlOption())
    .addOption(trustOption())
    .addOption(
      offering(new Option('--beside <scheme>', 'show the same schedule under another scheme as well'), {
        names: () => builtinLists.schemes(),
        paths: () => 'files',
      }),
    )
    .addOption(
      offering(
        new Option(
          '--world <file>',
          'for a token: the world (.json), scenario (.yaml) or model (.ts, .js) that it is about',
        ),
        anyFile,
      ),
    )
    .action(replay);
  return acceptCommonOptions(command, ['json'], ['set']);
}

interface ReplayWords extends CommonOptions, FormatWords, HtmlWords, UnfoldWords, TrustWords {
  readonly world?: string;
  readonly beside?: string;
}

async function replay(findings: readonly string[], options: ReplayWords): Promise<void> {
  refuseSettings('replay', options);
  const format = formatOf(options) ?? 'columns';
  if (findings.length > 1 && format === 'json') {
    throw new InputError('faultline: replay: --json prints one document; name one finding.');
  }
  refuseUnwritablePage(options);
  const documents: TraceDocument[] = [];
  const pages: RunOnPage[] = [];
  for (const [place, finding] of findings.entries()) {
    if (place > 0 && (format === 'columns' || format === 'mermaid')) print('\n');
    const { document, page } = await replayOne(finding, format, options);
    documents.push(...(document ?? []));
    pages.push(...(page ?? []));
  }
  if (!isPrinted(format)) {
    const { printRuns } = await import('./terminal/print-export.js');
    await printRuns('replay', format, documents);
  }
  await writeRunsPage(options, pages);
}

/** What is still to be printed or written of a finding that was replayed. */
interface LeftOver {
  readonly document?: readonly TraceDocument[];
  readonly page?: readonly RunOnPage[];
}

/** Status 1 as soon as one of them breaks again. */
async function replayOne(tokenOrFile: string, format: string, options: ReplayWords): Promise<LeftOver> {
  const conformed = await conformFindingOf(tokenOrFile);
  if (conformed !== undefined) {
    if (format !== 'columns' && format !== 'json') {
      throw new InputError(
        `faultline: replay: --format ${format}: ${tokenOrFile} holds a refused trace; replay prints columns, json of it; show prints other formats.`,
      );
    }
    const { replayConform } = await whileListening(() => import('./conform/replay-conform.js'));
    const status = await replayConform(tokenOrFile, conformed, { ...options, json: format === 'json' });
    process.exitCode = Math.max(status, Number(process.exitCode ?? 0));
    return { page: await onPage(options, ({ pageRunOfFile }) => pageRunOfFile(tokenOrFile, say)) };
  }
  const { replayed } = await whileListening(() => import('../kept/replayed.js'));
  if (format !== 'columns' && options.beside !== undefined) {
    const given = options.json ? '--json' : `--format ${format}`;
    throw new InputError(`faultline: ${given} and --beside exclude each other: the document is about one run.`);
  }
  const run = await replayed(tokenOrFile, say, {
    ...{ unfold: unfoldOf(options), trusted: options.trust, world: options.world },
  });
  if (run.finding) process.exitCode = ExitStatus.Violation;
  else process.exitCode ??= ExitStatus.Clean;
  for (const note of run.notes) say(`faultline: ${note}`);
  if (format === 'columns') await printStory(run, options);
  else if (format === 'json') await printDocument(run);
  else if (format === 'mermaid') {
    const { mermaidSequenceOf } = await import('../report/mermaid-sequence.js');
    print(mermaidSequenceOf(run.trace));
  }
  return {
    document: isPrinted(format) ? [] : [(await import('../kept/run-document.js')).documentOfRun(run, tokenOrFile)],
    page: await onPage(options, ({ pageRunOf }) => pageRunOf(run, tokenOrFile, options.beside)),
  };
}

async function printDocument({ subject, token, finding }: ReplayedRun): Promise<void> {
  const { resultDocument } = await import('../report/result-document.js');
  const { scenario, scheme, arch } = subject;
  const verdict = finding ? 'violation' : 'clean';
  const findings = finding ? [{ finding, token }] : [];
  printJson(resultDocument({ verb: 'replay', scenario, scheme, arch, verdict, findings }));
}

async function printStory(run: ReplayedRun, options: ReplayWords): Promise<void> {
  // A scheme that there is not is refused before anything is printed.
  const beside = options.beside === undefined ? '' : `\n${await besideStory(run, options.beside, options)}`;
  print(`${run.story}${beside}`);
}

/** The same schedule under another scheme: what comes of it, and its columns. */
async function besideStory(run: ReplayedRun, scheme: string, options: UnfoldWords): Promise<string> {
  const { besideRun } = await import('../kept/beside.js');
  const { storyOf } = await import('../kept/story.js');
  const { columnsOf } = await import('../report/columns.js');
  const { words, trace } = await besideRun(run, scheme);
  return storyOf(words, columnsOf(trace, { unfold: unfoldOf(options) }));
}

async function onPage(
  { html }: HtmlWords,
  make: (pages: typeof import('../kept/page-runs.js')) => Promise<RunOnPage>,
): Promise<readonly RunOnPage[]> {
  return html === undefined ? [] : [await make(await import('../kept/page-runs.js'))];
}

/** The file of a refused trace, if that is what was named; what is wrong with others is told by who replays them. */
async function conformFindingOf(path: string): Promise<ConformFinding | undefined> {
  if (!path.endsWith('.json') || !existsSync(path)) return undefined;
  const { readAnyFinding } = await import('../kept/read-finding.js');
  const content = readAnyFinding(path);
  return content.schema === 'faultline.conform-finding/1' ? content : undefined;
}
