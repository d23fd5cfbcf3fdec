/**
 * `faultline replay`: runs a finding once more and prints it.
 */

import { existsSync } from 'node:fs';
import { Argument, Command, Option } from 'commander';
import { InputError } from '../core/errors.js';
import type { ConformFinding } from '../kept/conform-finding.js';
import type { ReplayedRun } from '../kept/replayed.js';
import type { RunOnPage } from '../trace/page-data.js';
import { builtinLists } from './options/builtin-lists.js';
import { acceptCommonOptions, type CommonOptions, refuseSettings } from './options/common-options.js';
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

interface ReplayWords extends CommonOptions, UnfoldWords, HtmlWords, TrustWords {
  readonly world?: string;
  readonly beside?: string;
}

async function replay(findings: readonly string[], options: ReplayWords): Promise<void> {
  refuseSettings('replay', options);
  if (findings.length > 1 && options.json) {
    throw new InputError('faultline: replay: --json prints one document; name one finding.');
  }
  refuseUnwritablePage(options);
  const runs: RunOnPage[] = [];
  for (const [place, finding] of findings.entries()) {
    if (place > 0) print('\n');
    runs.push(...(await replayOne(finding, options)));
  }
  await writeRunsPage(options, runs);
}

/** Status 1 as soon as one of them breaks again; what a page shows of it, where one is wanted. */
async function replayOne(tokenOrFile: string, options: ReplayWords): Promise<readonly RunOnPage[]> {
  const conformed = await conformFindingOf(tokenOrFile);
  if (conformed !== undefined) {
    const { replayConform } = await whileListening(() => import('./conform/replay-conform.js'));
    const status = await replayConform(tokenOrFile, conformed, options);
    process.exitCode = Math.max(status, Number(process.exitCode ?? 0));
    return await onPage(options, ({ pageRunOfFile }) => pageRunOfFile(tokenOrFile, say));
  }
  const { replayed } = await whileListening(() => import('../kept/replayed.js'));
  if (options.json && options.beside !== undefined) {
    throw new InputError('faultline: --json and --beside exclude each other: the document is about one run.');
  }
  const run = await replayed(tokenOrFile, say, {
    ...{ unfold: unfoldOf(options), trusted: options.trust, world: options.world },
  });
  const { subject, token, notes, finding, story } = run;
  if (finding) process.exitCode = ExitStatus.Violation;
  else process.exitCode ??= ExitStatus.Clean;
  for (const note of notes) say(`faultline: ${note}`);
  if (options.json) {
    const { resultDocument } = await import('../report/result-document.js');
    const { scenario, scheme, arch } = subject;
    const verdict = finding ? 'violation' : 'clean';
    printJson(
      resultDocument({
        verb: 'replay',
        scenario,
        scheme,
        arch,
        verdict,
        findings: finding ? [{ finding, token }] : [],
      }),
    );
  } else {
    // A scheme that there is not is refused before anything is printed.
    const beside = options.beside === undefined ? '' : `\n${await besideStory(run, options.beside, options)}`;
    print(`${story}${beside}`);
  }
  return await onPage(options, ({ pageRunOf }) => pageRunOf(run, tokenOrFile, options.beside));
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
