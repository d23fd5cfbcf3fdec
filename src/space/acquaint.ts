/**
 * Acquaint: a few runs ahead of a search that show its packing which values fields take.
 *
 * A packing that meets its values one by one is laid out anew for each that does not fit, and every state and every
 * remembered step moves with it: a small search did that thirty times. What the runs miss is learned as before, so they
 * decide nothing but where bits lie. Used by the search.
 */

import { Random } from '../core/random.js';
import type { Canonical } from './canonical.js';
import { type Met, Surprise } from './met.js';
import type { Packing } from './pack.js';
import { StepOutcome, Stepper } from './stepper.js';
import type { System } from './system.js';

/** Runs at most. */
const MOST_RUNS = 64;
/** Runs in a row that showed nothing new: enough. */
const IDLE_RUNS = 4;
/** Steps of a run at most: retry loops have no end of their own. */
const LONGEST = 256;

/** Teaches a packing in which no state is kept yet what random runs meet, and lays it out. */
export function acquaint(packing: Packing, system: System, met: Met, canonical: Canonical | undefined): void {
  const guide = new Guide(packing, system, met, canonical);
  for (let run = 0, idle = 0; run < MOST_RUNS && idle < IDLE_RUNS; run++) idle = guide.run() ? 0 : idle + 1;
  shareAlike(packing, system.alike);
  packing.relayout();
}

/** What one field of a set was seen to hold the others will hold, too. The packing is to be laid out anew. */
export function shareAlike(packing: Packing, sets: readonly (readonly number[])[]): void {
  for (const fields of sets) {
    const values = new Set(fields.flatMap((field) => packing.valuesOf(field)));
    for (const field of fields) for (const value of values) packing.learn(field, value);
  }
}

class Guide {
  readonly #stepper: Stepper;
  readonly #random = new Random(1n);

  constructor(
    readonly packing: Packing,
    readonly system: System,
    met: Met,
    readonly canonical: Canonical | undefined,
  ) {
    // The search's own would count what was executed here as covered.
    this.#stepper = new Stepper(system, met);
  }

  /** Takes a run; whether it met anything new. */
  run(): boolean {
    const { system } = this;
    const stepper = this.#stepper;
    stepper.state.set(system.initial);
    let isNew = false;
    for (let steps = 0; steps < LONGEST; steps++) {
      if (!this.#step()) return isNew;
      stepper.accept();
      if (this.#learn()) isNew = true;
    }
    return isNew;
  }

  /** Lets some actor that can take a step; false when nobody can or something broke. */
  #step(): boolean {
    const stepper = this.#stepper;
    const { actors } = this.system;
    const first = this.#random.below(actors);
    try {
      for (let i = 0; i < actors; i++) {
        const actor = (first + i) % actors;
        const outcomes = stepper.outcomesOf(actor);
        const flags = stepper.step(actor, outcomes > 1 ? this.#random.below(outcomes) : 0);
        if (flags !== StepOutcome.Blocked) return (flags & StepOutcome.Violation) === 0;
      }
    } catch (surprise) {
      // The search will meet it as well, and says so to whom it concerns.
      if (!(surprise instanceof Surprise)) throw surprise;
    }
    return false;
  }

  #learn(): boolean {
    const { packing, system, canonical } = this;
    const { state } = this.#stepper;
    const row = canonical?.of(state) ?? state;
    let isNew = false;
    for (let field = 0; field < system.fields; field++) {
      if (packing.codeOf(field, row[field]) >= 0) continue;
      packing.learn(field, row[field]);
      isNew = true;
    }
    return isNew;
  }
}
