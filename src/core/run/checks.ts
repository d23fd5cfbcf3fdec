/**
 * Checks: which checks look at which word, and the most urgent thing that is wrong.
 * Used by the executor.
 */

import { type FindingKind, moreUrgent } from '../finding-kind.js';
import type { Program, ProgramCheck } from '../program/program.js';
import { checkThrew, checkWords } from './check-words.js';

/** What broke in a step. */
export interface Violation {
  readonly kind: FindingKind;
  /** The rest of the sentence "When this happens, ...". */
  readonly words: string;
  /** The check, lock or machine state that says so. */
  readonly rule: string;
}

/**
 * Runs a program's checks and keeps the most urgent violation. A check is asked of states that another actor could see:
 * of the initial state, and after a whole step (an op with what it records, a computation, an atomic section), not in its
 * midst. So a change only notes which checks are to be asked (`changed`), and the end of the step asks them (`settle`).
 */
export class Checks {
  /** What is wrong, or undefined. */
  violation: Violation | undefined;
  /** Node of the op that broke it: the last that changed what the check looks at; -1 when no op did. */
  brokenBy = -1;
  /** Node of the op that is being executed; set by who executes it. */
  node = -1;
  /** Number of checks that are to be asked at the end of the step. */
  pending = 0;
  /** 1 for every word that a check looks at. */
  readonly checked: Uint8Array;
  /** By word: the numbers of the checks that look at it. */
  readonly #byWord: readonly number[][];
  /** The numbers of the checks that are to be asked, up to `pending`. */
  readonly #waiting: Int32Array;
  /** By check: the node of the op that changed one of its words last in this step; -1 for none. */
  readonly #changedBy: Int32Array;

  constructor(
    readonly program: Program,
    readonly state: Int32Array,
  ) {
    this.checked = new Uint8Array(state.length);
    const byWord: number[][] = Array.from({ length: program.layout.words }, () => []);
    program.always.forEach((check, number) => {
      for (const word of new Set(check.words)) {
        this.checked[word] = 1;
        byWord[word].push(number);
      }
    });
    this.#byWord = byWord;
    this.#waiting = new Int32Array(program.always.length);
    this.#changedBy = new Int32Array(program.always.length).fill(-1);
  }

  /** Notes a violation of the op that is being executed, unless a more urgent one is noted already. */
  report(violation: Violation): void {
    this.#note(violation, this.node);
  }

  /** A word that a check looks at has changed: the check is asked at the end of the step. */
  changed(word: number): void {
    const checks = this.#byWord[word];
    for (let i = 0; i < checks.length; i++) {
      const number = checks[i];
      if (this.#changedBy[number] < 0) this.#waiting[this.pending++] = number;
      this.#changedBy[number] = this.node;
    }
  }

  /** The checks that are to be asked at the end of the step. */
  get asked(): readonly ProgramCheck[] {
    return Array.from(this.#waiting.subarray(0, this.pending), (number) => this.program.always[number]);
  }

  /** The step is over: asks the checks whose words it changed. */
  settle(): void {
    for (let i = 0; i < this.pending; i++) {
      const number = this.#waiting[i];
      const by = this.#changedBy[number];
      this.#changedBy[number] = -1;
      this.#run(this.program.always[number], by);
    }
    this.pending = 0;
  }

  /** The step did not come to its end: nobody sees the state it left, and nothing is asked of it. */
  drop(): void {
    for (let i = 0; i < this.pending; i++) this.#changedBy[this.#waiting[i]] = -1;
    this.pending = 0;
  }

  /** Forgets what was wrong. */
  forget(): void {
    this.violation = undefined;
    this.brokenBy = -1;
  }

  /** Runs the checks that hold always, as they are asked of the initial state. */
  begin(): void {
    for (const check of this.program.always) this.#run(check, -1);
  }

  /** Runs the checks of finished runs. */
  finish(): void {
    for (const check of this.program.finally) this.#run(check, -1);
  }

  #note(violation: Violation, node: number): void {
    if (this.violation !== undefined && !moreUrgent(violation.kind, this.violation.kind)) return;
    this.violation = violation;
    this.brokenBy = node;
  }

  #run(check: ProgramCheck, node: number): void {
    let answer: boolean | string;
    try {
      answer = this.#ask(check);
    } catch (error) {
      answer = checkThrew(error);
    }
    if (answer === true) return;
    const words = checkWords(check, answer);
    this.#note({ kind: check.kind, words, rule: check.name }, node);
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
