/**
 * The page of what an engine has found, all findings in one. Imported by what runs engines.
 */

import type { Program } from '../../core/program/program.js';
import type { KeptFinding } from '../../kept/finding-keeper.js';
import type { Subject } from '../../subject/subject.js';
import { type HtmlWords, writeRunsPage } from './html-option.js';

/** Writes the page where one is wanted. Throws InputError when it cannot be written. */
export async function writeFindingsPage(
  words: HtmlWords,
  subject: Subject,
  program: Program,
  kept: readonly KeptFinding[],
): Promise<void> {
  if (words.html === undefined) return;
  const { pageRunsOfFindings } = await import('../../kept/page-runs.js');
  await writeRunsPage(words, await pageRunsOfFindings(subject, program, kept));
}
