/**
 * Checks: which checks look at which word, and the most urgent thing that is wrong.
 * Used by the executor.
 */

import { type FindingKind, moreUrgent } from '../finding-kind.js';
import type { Program, ProgramCheck } from '../program/program.js';
import { checkWords } from './check-words.js';

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
  readonly #byWord: ProgramCheck[][];

  constructor(
    readonly program: Program,
    readonly state: Int32Array,
  ) {
    this.checked = new Uint8Array(state.length);
    this.#byWord = Array.from({ length: program.layout.words }, () => []);
    for (const check of program.always) {
      for (const word of new Set(check.words)) {
        this.checked[word] = 1;
        this.#byWord[word].push(check);
      }
    }
  }

  /** Notes a violation unless a more urgent one is noted already. */
  report(violation: Violation): void {
    if (this.violation === undefined || moreUrgent(violation.kind, this.violation.kind)) this.violation = violation;
  }

  /** Runs the checks that look at a word which has just changed. */
  changed(word: number): void {
    for (const check of this.#byWord[word]) this.#run(check);
  }

  /** Runs the checks of finished runs. */
  finish(): void {
    for (const check of this.program.finally) this.#run(check);
  }

  #run(check: ProgramCheck): void {
    const answer = this.#ask(check);
    if (answer === true) return;
    const words = checkWords(check.name, answer);
    this.report({ kind: check.kind, words, rule: check.name });
  }

  /** Spelled out for the usual numbers of words, because a spread allocates and checks run in the hot loop. */
  #ask({ words, holds }: ProgramCheck): boolean | string {
    const { state } = this;
    switch (words.length) {
      case 1:
        return holds(state[words[0]]);
      case 2:
        return holds(state[words[0]], state[words[1]]);
      case 3:
        return holds(state[words[0]], state[words[1]], state[words[2]]);
      default:
        return holds(...words.map((word) => state[word]));
    }
  }
}
