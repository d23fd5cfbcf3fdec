/**
 * A finding from its file, in the format that was asked for. Imported by `show`.
 */

import { mermaidSequenceOf } from '../report/mermaid-sequence.js';
import { readFindingFile } from './finding-file.js';
import { replayed } from './replayed.js';
import { storyOf } from './story.js';

/**
 * The text of a finding. Columns and JSON are those of the file; the diagram is drawn from a replay.
 *
 * @throws InputError when the file is none; for the diagram also when it no longer replays
 */
export async function findingText(path: string, format: 'columns' | 'json' | 'mermaid'): Promise<string> {
  const content = readFindingFile(path);
  if (format === 'json') return `${JSON.stringify(content, null, 2)}\n`;
  if (format === 'columns') return storyOf(content.finding.title, content.columns);
  return mermaidSequenceOf((await replayed(path)).trace);
}
