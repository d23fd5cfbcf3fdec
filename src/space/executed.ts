/**
 * Executed: which nodes an exhaustive search executed, and with which results. An automaton that was completed has
 * edges that no execution takes, so what ran is noted apart from it. Read by the coverage statement.
 */

import { NODE_WORDS } from '../core/automaton/automaton.js';

/** What is known of a node, as a bit set. */
export const Ran = {
  Executed: 1,
  /** It returned false, 0, or no ref. */
  No: 2,
  /** It returned something else. */
  Yes: 4,
} as const;

/** Ran bits by node. */
export class Executed {
  /** By number of the node. */
  bits = new Uint8Array(256);

  /** What is known of a node. */
  of(node: number): number {
    return this.bits[node / NODE_WORDS] ?? 0;
  }

  /** Whether an execution with a result like this was noted: 0, or something else. */
  has(node: number, result: number): boolean {
    return (this.of(node) & (result === 0 ? Ran.No : Ran.Yes)) !== 0;
  }

  /** Notes an execution with a result; -1 when the op was refused. */
  add(node: number, result: number): void {
    const id = node / NODE_WORDS;
    if (id >= this.bits.length) this.#grow(id);
    this.bits[id] |= Ran.Executed | (result < 0 ? 0 : result === 0 ? Ran.No : Ran.Yes);
  }

  /** Takes in what another search executed, whose nodes have the same numbers. */
  merge(other: Uint8Array): void {
    if (other.length > this.bits.length) this.#grow(other.length - 1);
    other.forEach((bits, id) => {
      this.bits[id] |= bits;
    });
  }

  #grow(id: number): void {
    const longer = new Uint8Array(Math.max(id + 1, this.bits.length * 2));
    longer.set(this.bits);
    this.bits = longer;
  }
}
