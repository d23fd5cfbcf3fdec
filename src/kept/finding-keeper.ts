/**
 * Finding keeper: gives each finding its token and its columns, and writes its file when one was asked for, or when the
 * token alone would not replay it. Imported by the verbs that run engines.
 */

import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import type { Finding } from '../core/finding.js';
import type { Program } from '../core/program/program.js';
import type { Unfold } from '../report/column-rows.js';
import type { Say, Subject } from '../subject/subject.js';
import { findingContent } from './finding-content.js';
import { makeFolder, unwrittenSentence, writeFindingFile } from './finding-file.js';
import { type TokenWorld, tokenWorldOf } from './world-document.js';

/** Where findings are kept that a token alone does not replay. */
export const USUAL_FOLDER = './faultline-findings';

/** A finding and how to see it again. */
export interface KeptFinding {
  readonly finding: Finding;
  /** Undefined when the token does not replay it, but the file does. */
  readonly token: string | undefined;
  /** Undefined when no file was asked for, or none could be written. */
  readonly file: string | undefined;
  /** What the token is about, where neither that is built in nor a file could be written. */
  readonly world?: TokenWorld | undefined;
  readonly columns: string;
}

/** Once for all keepers of a process. */
const said = new Set<string>();

/** Keeps the findings of one run. */
export class FindingKeeper {
  readonly #folder: string | undefined;
  readonly #files = new Map<string, string>();
  readonly #unwritten = new Set<string>();

  /**
   * @param folder where the user wants the files
   * @param say tells the user of a finding that cannot be written
   */
  constructor(
    readonly subject: Subject,
    folder: string | undefined,
    readonly say: Say,
  ) {
    this.#folder = folder ?? (subject.builtIn ? undefined : USUAL_FOLDER);
  }

  /** Writes the file of a finding, over what was written of it before. That it cannot be written is told once. */
  keep(finding: Finding, program: Program): void {
    if (this.#folder === undefined) return;
    try {
      this.#files.set(finding.id, writeFindingFile(this.#folder, findingContent(this.subject, finding, program)));
      this.#unwritten.delete(finding.id);
    } catch (error) {
      this.#unwritten.add(finding.id);
      sayUnwritten(this.#folder, error, this.say);
    }
  }

  /** What there is to print of a finding; its file has the columns with the broken section unfolded alone. */
  reported(finding: Finding, program: Program, unfold: Unfold = 'broken'): KeptFinding {
    const { token, columns } = findingContent(this.subject, finding, program, unfold);
    const file = this.#files.get(finding.id);
    if (this.subject.builtIn) return { finding, columns, token, file };
    const world = this.#unwritten.has(finding.id) && file === undefined ? tokenWorldOf(this.subject) : undefined;
    return { finding, columns, token: world && token, file, world };
  }

  /** Whether a finding could not be written, as it should have been: all there is of it is what is printed. */
  get hasUnwritten(): boolean {
    return this.#unwritten.size > 0;
  }
}

/** Says so when no finding can be written into a folder: now, and not when there is one after hours. */
export function sayIfUnwritable(folder: string, say: Say): void {
  try {
    makeFolder(resolve(folder));
    // With the dot, a file of that name is none.
    accessSync(`${folder}/.`, constants.W_OK);
  } catch (error) {
    sayUnwritten(folder, error, say);
  }
}

function sayUnwritten(folder: string, error: unknown, say: Say): void {
  const sentence = unwrittenSentence(folder, error);
  if (!said.has(sentence)) say(sentence);
  said.add(sentence);
}
