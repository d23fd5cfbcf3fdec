/**
 * Sightings: the first violation of each signature that a search met, and the final states. Used by the searches.
 */

import type { Violation } from '../core/run/checks.js';
import { Executor } from '../core/run/executor.js';
import { lockRingsOf } from '../core/story/deadlock.js';
import {
  deadlockSignature,
  finalSignature,
  initialSignature,
  type Signature,
  signatureText,
  stepSignature,
} from '../core/story/signature.js';
import type { Canonical } from '../space/canonical.js';
import type { MemoryBudget } from '../space/memory-budget.js';
import { StateTable } from '../space/state-table.js';
import type { Stepper } from '../space/stepper.js';
import type { System } from '../space/system.js';

/** A violation and where it was met. */
export interface StateSighting {
  readonly signature: Signature;
  readonly violation: Violation;
  /** Number of the state from which the step led; of the state itself for what shows when nobody can run. */
  readonly state: number;
  /** The actor that took the step; -1 when nobody can run. */
  readonly actor: number;
  /** Node of the op that it showed in; -1 when nobody can run. */
  readonly breaking: number;
}

/** What is wrong when nobody can run and somebody should. */
const DEADLOCK: Violation = {
  kind: 'deadlock',
  words: 'no task can go on: each waits for what another would have to do first',
  rule: 'every task can go on in the end',
};

/** Locks in whose ring actors were stuck. */
export interface LockRing {
  /** As traces print them. */
  readonly locks: readonly string[];
  /** Whether only daemons were stuck, which may wait for ever. */
  readonly idle: boolean;
}

/** Collects what a search meets. */
export class Sightings {
  /** By the text of the signature, in the order in which they were met. */
  readonly bySignature = new Map<string, StateSighting>();
  /** Shared words and results of completed runs. */
  readonly finalStates: StateTable;
  /** Whether final states that differ only in which actor is which were too many to tell apart. */
  finalStatesFolded = false;
  readonly #finalFields: Int32Array;
  readonly #final: Int32Array;
  /** Rings of locks in which actors were stuck. */
  readonly rings: LockRing[] = [];
  /** For deadlocks; most searches meet none. */
  #executor: Executor | undefined;
  /** Violations whose signature is known, by breaking node, kind and rule. */
  readonly #known = new Set<string>();

  constructor(
    readonly system: System,
    readonly stepper: Stepper,
    readonly canonical: Canonical | undefined,
    memory?: MemoryBudget | undefined,
  ) {
    this.#finalFields = Int32Array.from(finalFields(system));
    this.#final = new Int32Array(this.#finalFields.length);
    this.finalStates = new StateTable(this.#final.length, memory);
  }

  /** Number of signatures. */
  get count(): number {
    return this.bySignature.size;
  }

  /** Notes what does not hold in the initial state, which is the stepper's; whether there was anything. */
  initial(state: number): boolean {
    const violation = this.stepper.ops.initially();
    if (violation === undefined) return false;
    const signature = initialSignature(this.system.program, violation);
    this.add({ signature, violation, state, actor: -1, breaking: -1 });
    return true;
  }

  /** Notes a step that broke something. */
  step(state: number, actor: number, violation: Violation, breaking: number): void {
    const key = `${breaking} ${violation.kind}`;
    if (this.#known.has(key)) return;
    this.#known.add(key);
    const signature = stepSignature(this.system.program.automaton, breaking, violation.kind);
    this.add({ signature, violation, state, actor, breaking });
  }

  /** Notes that nobody can run in the stepper's state. */
  end(state: number): void {
    const { system, stepper } = this;
    if (system.unfinished(stepper.state) !== 0) {
      this.#executor ??= new Executor(system.program);
      system.loadInto(this.#executor, stepper.state);
      const signature = deadlockSignature(this.#executor);
      this.add({ signature, violation: DEADLOCK, state, actor: -1, breaking: -1 });
      return;
    }
    this.finished(state);
  }

  /** Notes that a run has come to its end in the stepper's state, and asks what must hold there. */
  finished(state: number): void {
    const { system, stepper } = this;
    this.#addFinal(stepper.state);
    if (system.program.finally.length === 0) return;
    const violation = stepper.ops.finish();
    if (violation === undefined) return;
    const signature = finalSignature(system.program, violation);
    this.add({ signature, violation, state, actor: -1, breaking: -1 });
  }

  /**
   * Notes that actors are stuck in the stepper's state, whoever can run; it is a deadlock when one of them must finish
   * (`counts`).
   */
  stuck(state: number, actors: number, counts: boolean): void {
    const { system, stepper } = this;
    const members = system.sets.members(actors);
    let key = `stuck ${actors}`;
    for (const actor of members) {
      const local = stepper.state[system.localBase + actor];
      key += ` ${local}:${stepper.ops.wordOf(system.scripts[actor].states[local].node, actor)}`;
    }
    if (this.#known.has(key)) return;
    this.#known.add(key);
    this.#executor ??= new Executor(system.program);
    system.loadInto(this.#executor, stepper.state);
    for (const locks of lockRingsOf(this.#executor, members)) this.rings.push({ locks, idle: !counts });
    if (!counts) return;
    const signature = deadlockSignature(this.#executor);
    this.add({ signature, violation: DEADLOCK, state, actor: -1, breaking: -1 });
  }

  /** Adds a final state, and those that differ from it only in which actor is which. */
  #addFinal(state: Int32Array): void {
    const fields = this.#finalFields;
    const orbit = this.canonical?.orbit(state);
    if (this.canonical !== undefined && orbit === undefined) this.finalStatesFolded = true;
    for (const each of orbit ?? [state]) {
      for (let i = 0; i < fields.length; i++) this.#final[i] = each[fields[i]];
      this.finalStates.add(this.#final, 0, -1);
    }
  }

  /** Takes in the final states that another search of the same program met. */
  addFinalStatesOf({ finalStates: { keys, size, width }, finalStatesFolded }: Sightings): void {
    this.addFinalStates(keys.slice(0, size * width), finalStatesFolded);
  }

  /** Takes in final states that another search of the same program met, as its `finalStates` holds them. */
  addFinalStates(keys: Int32Array, folded: boolean): void {
    const { width } = this.finalStates;
    for (let at = 0; at < keys.length; at += width) this.finalStates.add(keys, at, -1);
    this.finalStatesFolded ||= folded;
  }

  /** Takes in a sighting, unless it is of a signature that was met before. */
  add(sighting: StateSighting): void {
    const text = signatureText(sighting.signature);
    if (!this.bySignature.has(text)) this.bySignature.set(text, sighting);
  }
}

/** Where what a completed run leaves behind lies: cells, objects, latches and results; neither ghosts nor local states. */
function finalFields({ program, words, localBase }: System): number[] {
  const fields: number[] = [];
  for (const { kind, base, count, width } of program.layout.regions) {
    if (kind !== 'ghost') for (let word = base; word < base + count * width; word++) fields.push(word);
  }
  for (let result = words; result < localBase; result++) fields.push(result);
  return fields;
}
