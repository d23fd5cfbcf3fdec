/**
 * Finding keeper: gives each finding its token and its columns, and writes its file when one was asked for, or when the
 * token alone would not replay it. Imported by the verbs that run engines.
 */

import type { Finding } from '../core/finding.js';
import type { Program } from '../core/program/program.js';
import type { Unfold } from '../report/column-rows.js';
import type { Say, Subject } from '../subject/subject.js';
import { findingContent } from './finding-content.js';
import { writeFindingFile } from './finding-file.js';

/** Where findings are kept that a token alone does not replay. */
export const USUAL_FOLDER = './faultline-findings';

/** A finding and how to see it again. */
export interface KeptFinding {
  readonly finding: Finding;
  /** Undefined when the token alone does not replay it. */
  readonly token: string | undefined;
  /** Undefined when no file was asked for, or none could be written. */
  readonly file: string | undefined;
  readonly columns: string;
}

/** Once for all keepers of a process. */
const said = new Set<string>();

/** Keeps the findings of one run. */
export class FindingKeeper {
  readonly #folder: string | undefined;
  readonly #files = new Map<string, string>();

  /**
   * @param folder where the user wants the files
   * @param say tells the user of a finding that cannot be written
   * @param orElse what becomes of a finding that cannot be written
   */
  constructor(
    readonly subject: Subject,
    folder: string | undefined,
    readonly say: Say,
    readonly orElse = 'they are printed only',
  ) {
    this.#folder = folder ?? (subject.builtIn ? undefined : USUAL_FOLDER);
  }

  /** Writes the file of a finding, over what was written of it before. That it cannot be written is told once. */
  keep(finding: Finding, program: Program): void {
    if (this.#folder === undefined) return;
    try {
      this.#files.set(finding.id, writeFindingFile(this.#folder, findingContent(this.subject, finding, program)));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? String(error);
      this.#sayOnce(`faultline: no finding can be written to ${this.#folder} (${code}); ${this.orElse}.`);
    }
  }

  /** What there is to print of a finding; its file has the columns with the broken section unfolded alone. */
  reported(finding: Finding, program: Program, unfold: Unfold = 'broken'): KeptFinding {
    const { token, columns } = findingContent(this.subject, finding, program, unfold);
    return { finding, columns, token: this.subject.builtIn ? token : undefined, file: this.#files.get(finding.id) };
  }

  #sayOnce(sentence: string): void {
    if (!said.has(sentence)) this.say(sentence);
    said.add(sentence);
  }
}
