/**
 * Live ghosts: the ghost updates of an op that was just done. While they are made, and while the op itself was, the op's
 * step excludes every other, or else the ghosts' stripe is held: then an op and its ghosts change in one step among all
 * ops that update ghosts. Used by the live executor.
 */

import { ENTRY, type LiveActor, RING } from './live-actor.js';
import { LiveCode } from './live-code.js';
import type { LiveNode } from './live-node.js';
import type { LiveOps } from './live-ops.js';

const { Word, Read, Acquire, AwaitFree, Release, Is, Take, Changed, LoadRef, CompareRef } = LiveCode;

/** The ghosts of one thread's ops. */
export class LiveGhosts {
  constructor(
    readonly model: Int32Array,
    readonly ops: LiveOps,
  ) {}

  /** Updates the ghosts of an op. `seen`: what a Word op found. */
  update(actor: LiveActor, node: LiveNode, seen: number): void {
    const found = this.#foundBy(actor, node, seen);
    for (const { word, update } of node.op?.recordings ?? []) {
      const before = Atomics.load(this.model, word);
      const value = update(before, found) | 0;
      if (value === before) continue;
      Atomics.store(this.model, word, value);
      if (node.checked) this.ops.checks.changed(node, word, value);
    }
  }

  /** What an op found in its cell; nothing for locks, whose holders are not in the cell. */
  #foundBy(actor: LiveActor, node: LiveNode, seen: number): number {
    switch (node.code) {
      case Word:
        return seen;
      case Acquire:
      case AwaitFree:
      case Release:
        return 0;
      case Read:
      case Is:
      case Take:
      case Changed:
      case LoadRef:
      case CompareRef: {
        const value = actor.ring[((actor.position + RING - ENTRY) % RING) + 2];
        return node.code === Is ? value & node.mask : value;
      }
      default:
        return this.ops.seen;
    }
  }
}
