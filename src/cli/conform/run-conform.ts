/**
 * What `faultline conform` does: reads, holds, prints and keeps a refusal. Imported by the verb, and by replays of what it
 * kept.
 */

import { inputProblem } from '../../core/input-sentence.js';
import { type ConformFinding, writeConformFinding } from '../../kept/conform-finding.js';
import { unwrittenSentence } from '../../kept/finding-file.js';
import { replayCommandOf } from '../../kept/story.js';
import type { ConformDocument } from '../../report/conform-schema.js';
import { conformSentences, conformText, traceName } from '../../report/conform-text.js';
import { conformTraceDocument } from '../../report/conform-trace.js';
import { countText } from '../../report/quantities.js';

import { DEFAULT_SCHEME } from '../../subject/subject.js';
import type { PageData } from '../../trace/page-data.js';
import { refuseUnwritablePage, writePageOf } from '../options/html-option.js';
import { ExitStatus, type ExitStatusValue } from '../terminal/exit-status.js';
import { errorDocument } from '../terminal/failure.js';
import { abortOnInterrupt } from '../terminal/interrupt.js';
import { startProgress } from '../terminal/progress.js';
import { print, printJson, say } from '../terminal/terminal.js';
import type { ConformWords } from './conform.js';
import { type HeldTrace, holdTrace, noAnswer } from './hold-trace.js';
import { readText, type TextRead } from './trace-file.js';

/** What was read of a file that was not read to its end. */
const NOTHING: TextRead = { text: '', sha256: '' };

/** What was held, and what came of it. */
interface HeldFiles {
  readonly held: HeldTrace;
  readonly trace: TextRead;
  readonly log: TextRead | undefined;
}

/** What `conform` and a replay of its refusals need. */
export type HoldWords = Pick<ConformWords, 'scheme' | 'log' | 'clockError' | 'maxStates' | 'budget' | 'quiet'>;

/** Holds one trace and prints what came of it; the exit status. */
export async function runConform(path: string, words: ConformWords): Promise<ExitStatusValue> {
  refuseUnwritablePage(words);
  const { json, out } = words;
  const { held, ...files } = await holdFiles(path, words);
  if ('noAnswer' in held) return sayNoAnswer(held.noAnswer, json);
  const { document } = held;
  const file = out === undefined || document.verdict !== 'refused' ? undefined : keep(out, document, files, words);
  printConform(file === undefined ? document : { ...document, file }, json);
  await writePageOf(words, async () => conformPage(document));
  return conformStatus(document);
}

/**
 * Reads a trace and holds it.
 *
 * @param check refuses what was read, before it is held
 * @throws InputError for files that cannot be read or are none, and for a scheme that there is not
 */
export async function holdFiles(
  path: string,
  words: HoldWords,
  check: (trace: TextRead, log: TextRead | undefined) => void = () => {},
): Promise<HeldFiles> {
  const { scheme = DEFAULT_SCHEME, clockError, maxStates, budget, quiet } = words;
  const endMs = performance.now() + (budget ?? Number.POSITIVE_INFINITY);
  const signal = abortOnInterrupt();
  if (path === '-' && words.log === '-') {
    throw inputProblem('--log', 'standard input is the trace already; allowed: a file');
  }
  const stopped = AbortSignal.any([signal, ...(budget === undefined ? [] : [AbortSignal.timeout(budget)])]);
  const trace = await readText(path, 'a trace', stopped);
  const log = words.log === undefined ? undefined : await readText(words.log, 'a log of accesses', stopped);
  if (trace === undefined || (log === undefined && words.log !== undefined)) {
    return { held: { noAnswer: noAnswer({ trace: path, signal }) }, trace: NOTHING, log };
  }
  if (log !== undefined && !/^[GU] /m.test(log.text)) {
    throw inputProblem(words.log!, 'has no accesses; allowed: a log with lines that begin with G or U');
  }
  check(trace, log);
  const progress = await startProgress(quiet);
  try {
    const held = await holdTrace({
      ...{ trace: path, text: trace.text, scheme, clockError, maxStates, endMs, signal, progress },
      log: log && { path: words.log!, text: log.text },
    });
    return { held, trace, log };
  } finally {
    progress.stop();
  }
}

function conformPage(document: ConformDocument): PageData {
  const title = `conform ${traceName(document.trace)} under ${document.scheme}`;
  const rows = document.groups.map(({ group, events }): [string, string] => [group, countText(events)]);
  const refused = document.refusal === undefined ? [] : [{ trace: conformTraceDocument(document) }];
  return {
    ...{ kind: 'report', title, isBroken: document.verdict === 'refused' },
    ...conformSentences(document),
    tables: [{ caption: 'Events', columns: ['', ''], rows }],
    runs: refused,
  };
}

/** Says that there is no answer; the exit status. */
export function sayNoAnswer(sentence: string, json: boolean): ExitStatusValue {
  const status = abortOnInterrupt().aborted ? ExitStatus.Interrupted : ExitStatus.Inconclusive;
  say(sentence);
  if (json) printJson(errorDocument(sentence, status));
  return status;
}

/** Prints what came of it. */
export function printConform(document: ConformDocument, json: boolean): void {
  const { file } = document;
  const kept = file === undefined ? '' : `Kept in ${file}\nReplay: ${replayCommandOf(file)}\n`;
  if (json) printJson(document);
  else print(`${conformText(document)}${kept}`);
}

/** What scripts are told. */
export function conformStatus({ verdict }: ConformDocument): ExitStatusValue {
  if (verdict === 'explained') return ExitStatus.Clean;
  if (verdict === 'refused') return ExitStatus.Violation;
  return abortOnInterrupt().aborted ? ExitStatus.Interrupted : ExitStatus.Inconclusive;
}

/** Writes the file of a refusal; its path. */
function keep(
  folder: string,
  report: ConformDocument,
  { trace, log }: Omit<HeldFiles, 'held'>,
  { maxStates }: HoldWords,
): string | undefined {
  const finding: Omit<ConformFinding, 'schema' | 'id'> = {
    trace: { path: report.trace, sha256: trace.sha256 },
    ...(log === undefined ? {} : { log: { path: report.log!, sha256: log.sha256 } }),
    ...(maxStates === undefined ? {} : { maxStates }),
    report,
  };
  try {
    return writeConformFinding(folder, finding);
  } catch (error) {
    say(unwrittenSentence(folder, error));
    return undefined;
  }
}
