/**
 * Op touches: which words the op at a node touches, in the state in which it is about to run. Used by the walker only.
 */

import { accessesOf, type WordAccess } from '../core/ops/accesses.js';
import { Identity, Ref } from '../core/ops/ref.js';
import type { Program } from '../core/program/program.js';
import type { Effects } from '../core/run/effects.js';
import { type StepFootprint, TouchKind } from './step-footprint.js';

/** What ops touch in one state. */
export class OpTouches {
  readonly #accesses: (readonly WordAccess[] | undefined)[] = [];

  constructor(
    readonly program: Program,
    readonly state: Int32Array,
    readonly effects: Effects,
  ) {}

  /** Adds what the op at a node touches in the state. */
  add(node: number, registers: number, footprint: StepFootprint): void {
    const op = this.program.automaton.opOf(node);
    let accesses = this.#accesses[node];
    if (accesses === undefined) this.#accesses[node] = accesses = accessesOf(op);
    for (const access of accesses) {
      const how =
        access.how === 'own-bit'
          ? TouchKind.Own
          : access.how === 'load'
            ? TouchKind.Load
            : TouchKind.Load | TouchKind.Store;
      const { region, part } = access;
      const first = region.base + part * region.count;
      if (access.via === 'pointer') {
        const ref = this.state[this.effects.wordOf(node, registers)];
        if (ref > 0) footprint.add(first + ref - 1, how);
      } else if (access.at === 'any') {
        for (let cell = 0; cell < region.count; cell++) footprint.add(first + cell, how);
      } else footprint.add(first + this.#cell(access.at, registers), how);
    }
  }

  #cell(at: number | Ref | Identity, registers: number): number {
    if (at instanceof Ref) return this.state[registers + at.register] - 1;
    return at instanceof Identity ? at.index : at;
  }
}
