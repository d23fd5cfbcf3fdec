/**
 * Checks: which checks look at which word, and the most urgent thing that is wrong.
 * Used by the executor.
 */

import { type FindingKind, moreUrgent } from './finding-kind.js';
import type { Program, ProgramCheck } from './program.js';

/** What broke in a step. */
export interface Violation {
  readonly kind: FindingKind;
  /** The rest of the sentence "When this happens, ...". */
  readonly words: string;
  /** The check, lock or machine state that says so. */
  readonly rule: string;
}

/** Runs a program's checks and keeps the most urgent violation. */
export class Checks {
  /** What is wrong, or undefined. */
  violation: Violation | undefined;
  /** 1 for every word that a check looks at. */
  readonly checked: Uint8Array;
  readonly #byWord: (ProgramCheck[] | undefined)[];

  constructor(
    readonly program: Program,
    readonly state: Int32Array,
  ) {
    this.checked = new Uint8Array(state.length);
    this.#byWord = new Array(program.layout.words).fill(undefined);
    for (const check of program.always) {
      for (const word of check.words) {
        this.checked[word] = 1;
        const list = this.#byWord[word];
        if (list === undefined) this.#byWord[word] = [check];
        else list.push(check);
      }
    }
  }

  /** Notes a violation unless a more urgent one is noted already. */
  report(violation: Violation): void {
    if (this.violation === undefined || moreUrgent(violation.kind, this.violation.kind)) this.violation = violation;
  }

  /** Runs the checks that look at a word which has just changed. */
  changed(word: number): void {
    for (const check of this.#byWord[word] ?? []) this.#run(check);
  }

  /** Runs the checks of finished runs. */
  finish(): void {
    for (const check of this.program.finally) this.#run(check);
  }

  #run({ name, kind, words, holds }: ProgramCheck): void {
    const values: number[] = [];
    for (const word of words) values.push(this.state[word]);
    const answer = holds(...values);
    if (answer === true) return;
    const said = typeof answer === 'string' ? answer : `"${name}" no longer holds`;
    this.report({ kind, words: said, rule: name });
  }
}
