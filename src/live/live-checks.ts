/**
 * Live checks: which checks a step has to be asked, and what is wrong after it. As in the other engines (core/run/checks.ts)
 * a check is asked of states that another actor could see, so a section asks at its end.
 *
 * Where every step excludes every other, the words of a check are at its step's disposal, however many they are. Where
 * steps exclude only those about the same thing, a check of one word is asked of what the step itself wrote there, and
 * those that span words are left to the audit at rest. Used by the live executor and its ops.
 */

import { moreUrgent } from '../core/finding-kind.js';
import type { ProgramCheck } from '../core/program/program.js';
import { checkThrew, checkWords } from '../core/run/check-words.js';
import type { Violation } from '../core/run/checks.js';
import { masksOf } from './audit.js';
import type { LiveNode } from './live-node.js';
import type { SharedMemory } from './shared-memory.js';

/** The checks of one thread. */
export class LiveChecks {
  /** Number of checks that are to be asked. */
  pending = 0;
  /** What was wrong when they were asked, and the op to blame: the last that changed what the check looks at. */
  violation: Violation | undefined;
  blamed: LiveNode | undefined;
  /** The word that it changed. */
  word = -1;
  readonly #model: Int32Array;
  readonly #exact: boolean;
  readonly #always: readonly ProgramCheck[];
  /** By word: numbers of the checks that look at it. */
  readonly #byWord = new Map<number, number[]>();
  readonly #masks: ReadonlyMap<number, number>;
  /** The checks that are to be asked, up to `pending`. */
  readonly #waiting: Int32Array;
  /** By check: who changed one of its words last in this step, which word that was, and to what. */
  readonly #changedBy: (LiveNode | undefined)[];
  readonly #words: Int32Array;
  readonly #values: Int32Array;

  constructor({ program, model, exact }: SharedMemory) {
    const { always } = program;
    this.#model = model;
    this.#exact = exact;
    this.#always = always;
    this.#masks = masksOf(program);
    this.#waiting = new Int32Array(always.length);
    this.#changedBy = always.map(() => undefined);
    this.#words = new Int32Array(always.length);
    this.#values = new Int32Array(always.length);
    always.forEach(({ words }, number) => {
      if (!exact && words.length !== 1) return;
      for (const word of new Set(words)) this.#byWord.set(word, [...(this.#byWord.get(word) ?? []), number]);
    });
  }

  /** Whether a check that a step asks looks at a word. */
  looksAt(word: number): boolean {
    return this.#byWord.has(word);
  }

  /** An op has changed a word, which holds `value` now, an object's without the version. */
  changed(node: LiveNode, word: number, value: number): void {
    const checks = this.#byWord.get(word);
    if (checks === undefined) return;
    for (let i = 0; i < checks.length; i++) {
      const number = checks[i];
      if (this.#changedBy[number] === undefined) this.#waiting[this.pending++] = number;
      this.#changedBy[number] = node;
      this.#words[number] = word;
      this.#values[number] = value;
    }
  }

  /** The step is over: asks. False if something is wrong, of which the most urgent is kept. */
  settle(): boolean {
    this.violation = undefined;
    for (let i = 0; i < this.pending; i++) {
      const number = this.#waiting[i];
      const check = this.#always[number];
      const answer = this.#ask(check, number);
      if (answer !== true && (this.violation === undefined || moreUrgent(check.kind, this.violation.kind))) {
        this.violation = { kind: check.kind, words: checkWords(check, answer), rule: check.name };
        this.blamed = this.#changedBy[number];
        this.word = this.#words[number];
      }
      this.#changedBy[number] = undefined;
    }
    this.pending = 0;
    return this.violation === undefined;
  }

  /** The step did not come to its end: nobody sees the state it left, and nothing is asked of it. */
  drop(): void {
    for (let i = 0; i < this.pending; i++) this.#changedBy[this.#waiting[i]] = undefined;
    this.pending = 0;
  }

  #ask({ words, holds }: ProgramCheck, number: number): boolean | string {
    try {
      if (!this.#exact) return holds(this.#values[number]);
      return holds(...words.map((word) => Atomics.load(this.#model, word) & (this.#masks.get(word) ?? -1)));
    } catch (error) {
      return checkThrew(error);
    }
  }
}
