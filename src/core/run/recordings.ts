/**
 * Recordings at run time: applies the ghost updates that ops carry. Used by effects and by the executor.
 */

import { type Automaton, Field as NodeField } from '../automaton/automaton.js';
import { RecordingTable } from '../automaton/recording-table.js';
import type { Memory } from './memory.js';

// The compiler folds a module's own constants into the code but looks imported ones up at every use.
const Field = NodeField;
const Table = RecordingTable;

/** Applies the ghost updates of ops. */
export class Recordings {
  declare private readonly automaton: Automaton;
  declare private readonly memory: Memory;

  constructor(automaton: Automaton, memory: Memory) {
    this.automaton = automaton;
    this.memory = memory;
  }

  /** Applies the updates of the op at a node, which saw `seen`. */
  run(node: number, seen: number): void {
    const { nodes, tables } = this.automaton;
    const { state } = this.memory;
    const column = seen - Table.low;
    for (let at = nodes[node + Field.recordTable]; ; at += Table.words) {
      const ghost = tables[at + Table.ghost];
      const before = state[ghost];
      const row = before - Table.low;
      let after: number = Table.unknown;
      if (row >>> 0 < Table.span && column >>> 0 < Table.span)
        after = tables[at + Table.values + row * Table.span + column];
      if (after === Table.unknown) after = this.#derive(node, at, before, seen);
      if (after !== before) this.memory.store(ghost, after);
      if (tables[at + Table.more] === 0) return;
    }
  }

  #derive(node: number, at: number, before: number, seen: number): number {
    const { tables } = this.automaton;
    const { recordings } = this.automaton.opOf(node);
    const { update } = recordings[recordings.length - 1 - tables[at + Table.more]];
    const after = update(before, seen) | 0;
    const row = before - Table.low;
    const column = seen - Table.low;
    if (row >>> 0 < Table.span && column >>> 0 < Table.span) {
      tables[at + Table.values + row * Table.span + column] = after;
    }
    return after;
  }
}
