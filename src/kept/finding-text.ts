/**
 * A finding from its file, in the format that was asked for. Imported by `show`.
 */

import { InputError } from '../core/errors.js';
import { plainJson } from '../core/plain-text.js';
import { conformText } from '../report/conform-text.js';
import { conformTraceDocument } from '../report/conform-trace.js';
import { liveHistory, liveTitle, unconfirmedText } from '../report/live-history.js';
import { liveTraceDocument } from '../report/live-trace.js';
import { mermaidSequenceOf } from '../report/mermaid-sequence.js';
import { plural } from '../report/quantities.js';
import { wrapWords } from '../report/wrap.js';
import type { Say } from '../subject/subject.js';
import type { TraceDocument } from '../trace/trace-schema.js';

import type { LiveFindingFile } from './live-finding-schema.js';
import { type AnyFinding, readAnyFinding } from './read-finding.js';
import { type ReplayOptions, replayed } from './replayed.js';
import { documentOfRun } from './run-document.js';
import { storyOf } from './story.js';

/** Widest line of prose. */
const WIDTH = 75;

/** Formats that are not made from the trace document. */
export type PrintedFormat = 'columns' | 'json' | 'mermaid';

/** Which sections are unfolded, and whether what the file holds may be run for that. */
type ShowOptions = Pick<ReplayOptions, 'trusted' | 'unfold'>;

/**
 * The text of a finding. Columns and JSON are those of the file, which runs nothing that it holds; the diagram is drawn
 * from a replay, and so are columns in which every section is unfolded.
 *
 * @throws InputError when the file is none; for what is drawn anew also when it no longer replays, or is not trusted
 */
export async function findingFileText(
  path: string,
  format: PrintedFormat,
  say: Say,
  options: ShowOptions = {},
): Promise<string> {
  const content = readAnyFinding(path);
  if (format === 'json') return `${plainJson(JSON.stringify(content, null, 2))}\n`;
  if (content.schema === 'faultline.conform-finding/1') {
    if (format === 'columns') return conformText(content.report);
    throw new InputError(`faultline: --format mermaid: ${path} holds a refused trace, which columns alone can show.`);
  }
  if (content.schema === 'faultline.live-finding/1') {
    if (format === 'columns') return liveText(content, await drawnAnew(path, content.reproducer, say, options));
    if (content.reproducer === null) {
      throw new InputError(`faultline: --format mermaid: ${path} holds no reproducer that could be drawn.`);
    }
  } else if (format === 'columns') {
    return (await drawnAnew(path, content, say, options)) ?? storyOf(content.finding.title, content.columns);
  }
  return mermaidSequenceOf((await replayed(path, say, options)).trace);
}

/** The trace documents of findings in files. Throws InputError as `findingFileText` does. */
export async function documentsOfFiles(
  paths: readonly string[],
  say: Say,
  options: ShowOptions = {},
): Promise<readonly TraceDocument[]> {
  const documents: TraceDocument[] = [];
  for (const path of paths) documents.push(await documentOfFile(path, readAnyFinding(path), say, options));
  return documents;
}

/** The trace document of a finding that was read from a file: of its replay, if there is something to replay. */
export async function documentOfFile(
  path: string,
  content: AnyFinding,
  say: Say,
  options: ShowOptions = {},
): Promise<TraceDocument> {
  if (content.schema === 'faultline.conform-finding/1') return conformTraceDocument(content.report, { id: content.id });
  if (content.schema === 'faultline.live-finding/1' && content.reproducer === null) {
    const { id, found, search } = content;
    return liveTraceDocument(found.finding, { id }, search !== null);
  }
  return documentOfRun(await replayed(path, say, options), path);
}

/** The story with every section unfolded, if that is asked for and there is one. */
async function drawnAnew(
  path: string,
  finding: object | null,
  say: Say,
  options: ShowOptions,
): Promise<string | undefined> {
  if ((options.unfold ?? 'broken') === 'broken' || finding === null) return undefined;
  return (await replayed(path, say, options)).story;
}

/** The reproducer, if there is one, and what is known of how the live run came to it. */
function liveText({ world, found, search, reproducer }: LiveFindingFile, story: string | undefined): string {
  const { finding, count } = found;
  const times = count === 1 ? 'once' : `${count} times`;
  const { faults, calls } = finding;
  const first = faults > 0 ? plural(faults, 'fault') : plural(calls, 'call');
  const when = `Seen ${times} under load, first after ${first}.`;
  const history = `${when}\n\n${liveHistory(finding)}`;
  if (reproducer !== null) return `${story ?? storyOf(reproducer.finding.title, reproducer.columns)}\n${history}`;
  const cuts = world.model !== 'file';
  const where = search === null || !cuts ? 'the model' : `${plural(search.candidates, 'scenario')} around it`;
  const sentence =
    search === null
      ? 'No reproducer was searched for.'
      : unconfirmedText(plural(search.schedules, 'schedule'), where, cuts ? 'cuts' : 'model');
  const happens = `When this happens, ${finding.words}.`;
  const prose = [happens, sentence].map((text) => wrapWords(text, WIDTH).join('\n'));
  return storyOf(liveTitle(finding, search !== null), `${prose.join('\n\n')}\n\n${history}`);
}
