/**
 * Order reduction: states from which one actor's step is enough.
 *
 * When an actor's pending step touches nothing that any other actor may ever touch again (in a way that does not
 * commute), every run can be rearranged to take that step first, with the same results, the same end and the same
 * violations; the steps of the others need not be tried here. The step must change nothing that a check looks at,
 * break nothing, end no call that others wait for, and not go back to the head of a retry loop: every cycle of states
 * has such a step (a routine without retries is a tree), so no actor is put off for ever. What actors may touch is read
 * off the completed automaton. These are singleton ample sets (Peled, "All from one, one for all", 1993) with a static
 * test for independence. Used by the search.
 */

import type { Footprint, Footprints } from './footprints.js';
import type { LocalStates } from './local-states.js';
import { StepOutcome } from './stepper.js';
import type { System } from './system.js';

/** What is known of a local state. */
interface Summary {
  /** Its pending step; undefined when it changes what a check looks at. */
  readonly step: Footprint | undefined;
  /** Everything from here to the end of the script. */
  readonly future: Footprint;
}

/** Picks actors whose step is enough. */
export class OrderReduction {
  readonly #summaries = new Map<LocalStates, Summary[]>();
  /** Actors whose completed calls others wait for. */
  readonly awaited: ReadonlySet<number>;
  readonly #checked: readonly number[];
  /** 0 unknown, 1 no conflict, 2 conflict: by pair of actors, then by the local state of each. */
  readonly #conflicts: (Uint8Array | undefined)[][];

  constructor(
    readonly system: System,
    readonly footprints: Footprints,
  ) {
    const { program } = system;
    this.awaited = new Set(
      program.actors.flatMap(({ calls }) => calls.flatMap(({ after }) => after.map((a) => a.actor))),
    );
    this.#conflicts = Array.from({ length: system.actors ** 2 }, () => []);
    this.#checked = [...new Set(program.always.flatMap(({ words }) => words.map((word) => footprints.unitOf(word))))];
  }

  /** Whether the pending step of an actor is independent of all that the others may still do. */
  isIndependent(state: Int32Array, actor: number): boolean {
    const { localBase, actors, scripts } = this.system;
    const local = state[localBase + actor];
    const { step } = this.#summary(scripts[actor], local);
    if (step === undefined) return false;
    for (let other = 0; other < actors; other++) {
      if (other === actor) continue;
      if (this.#mayConflict(actor, local, step, other, state[localBase + other])) return false;
    }
    return true;
  }

  /** What the pending step of an actor in a local state touches; undefined when it is independent of nothing. */
  stepIn(actor: number, local: number): Footprint | undefined {
    return this.#summary(this.system.scripts[actor], local).step;
  }

  /** What an actor may still touch from a local state on. */
  futureOf(actor: number, local: number): Footprint {
    return this.#summary(this.system.scripts[actor], local).future;
  }

  /** Words of a footprint. */
  get footprintWords(): number {
    return this.footprints.empty().bits.length;
  }

  /** Whether what a step of an independent actor did leaves it enough. */
  isEnough(actor: number, flags: number): boolean {
    if ((flags & (StepOutcome.Again | StepOutcome.Violation)) !== 0) return false;
    return (flags & StepOutcome.CallEnd) === 0 || !this.awaited.has(actor);
  }

  #mayConflict(actor: number, local: number, step: Footprint, other: number, otherLocal: number): boolean {
    const rows = this.#conflicts[actor * this.system.actors + other];
    let known = rows[local];
    if (known === undefined || otherLocal >= known.length) {
      const longer = new Uint8Array(Math.max(64, otherLocal * 2));
      if (known !== undefined) longer.set(known);
      rows[local] = known = longer;
    }
    if (known[otherLocal] === 0) {
      const { future } = this.#summary(this.system.scripts[other], otherLocal);
      known[otherLocal] = step.conflicts(future) ? 2 : 1;
    }
    return known[otherLocal] === 2;
  }

  #summary(script: LocalStates, local: number): Summary {
    let summaries = this.#summaries.get(script);
    if (summaries === undefined) {
      summaries = [];
      this.#summaries.set(script, summaries);
    }
    summaries[local] ??= this.#summarize(script, local);
    return summaries[local];
  }

  #summarize(script: LocalStates, local: number): Summary {
    const { call, node, gated } = script.states[local];
    const future = this.footprints.empty();
    if (script.done(local)) return { step: undefined, future };
    future.add(this.footprints.future(node));
    for (const { root } of script.script.calls.slice(call + 1)) future.add(this.footprints.future(root.node));
    const step = this.footprints.empty();
    this.footprints.addStep(step, node);
    const visible = gated || this.#checked.some((unit) => step.changes(unit));
    return { step: visible ? undefined : step, future };
  }
}
