/**
 * Findings for users of the library: their tokens, their files, and how to run them again. The command line has the same
 * by other ways (kept/finding-keeper.ts). Imported by the library's entry and by the test runners' matchers.
 */

import { InputError } from '../core/errors.js';
import type { Finding } from '../core/finding.js';
import { findingContent } from '../kept/finding-content.js';
import { writeFindingFile } from '../kept/finding-file.js';
import { USUAL_FOLDER } from '../kept/finding-keeper.js';
import { type ReplayOptions, replayed } from '../kept/replayed.js';
import { compileModel, type Model, modelGiven } from '../model/model.js';
import type { FindingSummary } from '../report/result-document.js';
import { subjectOfModel } from '../subject/subject-of-model.js';

export type { ReplayOptions } from '../kept/replayed.js';

/**
 * The token of a finding, `fl1:...`: with the model it is the whole finding, and `faultline replay TOKEN --world FILE` runs
 * it again.
 *
 * @throws InputError when the model cannot be loaded again: it has no `source`, or lies in the file of a test
 */
export async function tokenOf(model: Model, finding: Finding): Promise<string> {
  return (await contentOf(model, finding)).token;
}

/**
 * Writes the file of a finding, which holds the text of the model as well: `faultline replay FILE` runs it again. Returns
 * its path.
 *
 * @param folder made when it is absent. Default: ./faultline-findings
 * @throws InputError as `tokenOf` does; what the file system throws
 */
export async function writeFinding(model: Model, finding: Finding, folder = USUAL_FOLDER): Promise<string> {
  return writeFindingFile(folder, await contentOf(model, finding));
}

/** What a replay came to. */
export interface ReplayResult {
  /** The finding; undefined when nothing breaks any more. */
  readonly finding: FindingSummary | undefined;
  /** Title and columns, as the command line prints them, without colours. */
  readonly story: string;
  readonly token: string;
  /** What has changed since it was found, although the run is the same. */
  readonly notes: readonly string[];
}

/**
 * Runs a finding once more: a token, or the path of a finding file.
 *
 * @throws InputError when it is neither, when what it is about is not there or not trusted, and when the run is another one
 * today
 */
export async function replay(tokenOrFile: string, options: ReplayOptions = {}): Promise<ReplayResult> {
  const said: string[] = [];
  const { finding, story, token, notes } = await replayed(tokenOrFile, (sentence) => said.push(sentence), options);
  return { finding, story: withoutColors(story), token, notes: [...said, ...notes] };
}

/** A text without the colours of a terminal. */
export function withoutColors(text: string): string {
  return text.replaceAll(COLOR, '');
}

const COLOR = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');

async function contentOf(model: Model, finding: Finding) {
  const subject = await subjectOfModel(modelGiven(model));
  if (subject !== undefined) return findingContent(subject, finding, await compileModel(model));
  const where = model.source === undefined ? 'has no source' : 'lies in the file of a test';
  throw new InputError(
    `faultline: a finding of model "${model.name}" cannot be kept, for the model ${where}: move it into a file of its own ` +
      'that exports it, with source: import.meta.url.',
  );
}
