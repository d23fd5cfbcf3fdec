/**
 * A finding from its file, in the format that was asked for. Imported by `show`.
 */

import { InputError } from '../core/errors.js';
import { liveHistory, liveTitle } from '../report/live-history.js';
import { mermaidSequenceOf } from '../report/mermaid-sequence.js';
import { countText } from '../report/quantities.js';
import { wrapWords } from '../report/wrap.js';
import type { Say } from '../subject/subject.js';
import { readAnyFinding } from './finding-file.js';
import type { LiveFindingFile } from './live-finding-schema.js';
import { replayed } from './replayed.js';
import { storyOf } from './story.js';

/** Widest line of prose. */
const WIDTH = 75;

/**
 * The text of a finding. Columns and JSON are those of the file; the diagram is drawn from a replay.
 *
 * @throws InputError when the file is none; for the diagram also when it no longer replays
 */
export async function findingFileText(path: string, format: 'columns' | 'json' | 'mermaid', say: Say): Promise<string> {
  const content = readAnyFinding(path);
  if (format === 'json') return `${JSON.stringify(content, null, 2)}\n`;
  if (content.schema === 'faultline.live-finding/1') {
    if (format === 'columns') return liveText(content);
    if (content.reproducer === null) {
      throw new InputError(`faultline: --format mermaid: ${path} holds no reproducer that could be drawn.`);
    }
  } else if (format === 'columns') {
    return storyOf(content.finding.title, content.columns);
  }
  return mermaidSequenceOf((await replayed(path, say)).trace);
}

/** The reproducer, if there is one, and what is known of how the live run came to it. */
function liveText({ found, search, reproducer }: LiveFindingFile): string {
  const { finding, count } = found;
  const times = count === 1 ? 'once' : `${count} times`;
  const when = `Seen ${times} under load, first after ${countText(finding.faults)} faults.`;
  const history = `${when}\n\n${liveHistory(finding)}`;
  if (reproducer !== null) return `${storyOf(reproducer.finding.title, reproducer.columns)}\n${history}`;
  const sentence =
    search === null
      ? 'No reproducer was searched for.'
      : `The search for a reproducer did not reach it in ${countText(search.schedules)} schedules.`;
  const story = `When this happens, ${finding.words}.`;
  return storyOf(liveTitle(finding), `${wrapWords(story, WIDTH).join('\n')}\n\n${sentence}\n\n${history}`);
}
