/**
 * Audit: the checks that span words, run while every actor of a live run is between two steps. A check of one word runs
 * inside the op that changes it; one of several would see them at different times. Used by `live`.
 */

import { moreUrgent } from '../core/finding-kind.js';
import type { Program, ProgramCheck } from '../core/program/program.js';
import { checkThrew, checkWords } from '../core/run/check-words.js';
import type { Violation } from '../core/run/checks.js';

/** A broken check, and the words it looks at. */
export interface AuditViolation extends Violation {
  readonly checked: readonly number[];
}

/** Runs a program's checks on the words of its model at rest. */
export class Audit {
  readonly #spanning: readonly ProgramCheck[];
  /** By word: mask of what a machine's word holds besides its version. */
  readonly #masks: ReadonlyMap<number, number>;

  constructor(readonly program: Program) {
    this.#spanning = program.always.filter(({ words }) => words.length !== 1);
    this.#masks = masksOf(program);
  }

  /** The most urgent of the checks that the initial state breaks, if any is. */
  initial(): AuditViolation | undefined {
    const { always, layout } = this.program;
    return this.#run(always, layout.initial());
  }

  /** The most urgent of the broken checks that span words, if any is. */
  spanning(model: Int32Array): AuditViolation | undefined {
    return this.#run(this.#spanning, model);
  }

  /** The most urgent of all broken checks, those of finished runs included, if any is. */
  finished(model: Int32Array): AuditViolation | undefined {
    return this.#run([...this.program.always, ...this.program.finally], model);
  }

  #run(checks: readonly ProgramCheck[], model: Int32Array): AuditViolation | undefined {
    let worst: AuditViolation | undefined;
    for (const check of checks) {
      const { name, kind, words, holds } = check;
      if (worst !== undefined && !moreUrgent(kind, worst.kind)) continue;
      const answer = this.#ask(words, holds, model);
      if (answer === true) continue;
      const said = checkWords(check, answer);
      worst = { kind, words: said, rule: name, checked: words };
    }
    return worst;
  }

  #ask(words: ProgramCheck['words'], holds: ProgramCheck['holds'], model: Int32Array): boolean | string {
    try {
      return holds(...words.map((word) => model[word] & (this.#masks.get(word) ?? -1)));
    } catch (error) {
      return checkThrew(error);
    }
  }
}

/** The masks of the words of objects. */
export function masksOf({ machines, objects }: Program): ReadonlyMap<number, number> {
  const masks = new Map<number, number>();
  for (const { region, machine } of objects) {
    for (let word = region.base; word < region.base + region.count; word++) {
      masks.set(word, 2 ** machines[machine].bits - 1);
    }
  }
  return masks;
}
