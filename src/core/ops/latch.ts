/**
 * Latches: one to three words that hold a bit per actor, and the guarded updates on them.
 *
 * Every lock of `src/primitives` is a row of such updates: which words must be empty, where the actor's own bit must
 * or must not be, which bits to set and clear. Who holds and who waits is therefore always known. Imported by
 * primitives and by the executor.
 */

import { checkedIndex, type Region } from './layout.js';
import { type LockUse, Op, Opcode } from './op.js';
import type { Index } from './ref.js';

/** What a latch op does when its words are not empty, or what it reports. */
export const LatchMode = {
  /** Blocks until the words are empty; no result. */
  Wait: 0,
  /** Returns whether the update was made. */
  Try: 1,
  /** Makes the update, or `queues` instead; returns whether the update was made. */
  Queue: 2,
  /** Returns whether the actor's own bit is set in the `mine` word. */
  Test: 3,
} as const;

/** A guarded update; words are given as a bit set (1: first word, 2: second, 4: third). */
export interface LatchUpdate {
  readonly mode: (typeof LatchMode)[keyof typeof LatchMode];
  /** Misuse if the actor's bit is set in one of these. */
  readonly notMine?: number;
  /** Misuse unless the actor's bit is set in one of these. In Test mode: the words to test. */
  readonly mine?: number;
  /** Words that must be empty. */
  readonly empty?: number;
  /** Words in which to set the actor's bit. */
  readonly set?: number;
  /** Words in which to clear the actor's bit. */
  readonly clear?: number;
  /** Words in which to set every actor's bit. */
  readonly fill?: number;
  /** In Queue mode: words in which to set the actor's bit when the update cannot be made. */
  readonly queue?: number;
}

/** Packs an update into the op's operand: three bits a field, the mode last. */
export function packLatch(update: LatchUpdate): number {
  const { notMine = 0, mine = 0, empty = 0, set = 0, clear = 0, fill = 0, queue = 0, mode } = update;
  return (
    notMine | (mine << 3) | (empty << 6) | (set << 9) | (clear << 12) | (fill << 15) | (queue << 18) | (mode << 21)
  );
}

/** The update that `packLatch` packed, with 0 for what it leaves out; for reports. */
export function unpackLatch(packed: number): Required<LatchUpdate> {
  const field = (place: number): number => (packed >> (place * 3)) & 7;
  const mode = (packed >> 21) as LatchUpdate['mode'];
  return {
    ...{ notMine: field(0), mine: field(1), empty: field(2), set: field(3), clear: field(4) },
    ...{ fill: field(5), queue: field(6), mode },
  };
}

/** A latch, or an array of latches of which `index` picks one. */
export class Latch {
  constructor(
    readonly region: Region,
    readonly index: Index = 0,
  ) {}

  /** The latch of one object. */
  at(index: Index): Latch {
    return new Latch(this.region, checkedIndex(this.region, index));
  }

  /** A guarded update as an op. `misuse` says what was done wrong when a `mine`/`notMine` condition fails. */
  op<T extends boolean | void>(label: string, update: LatchUpdate, use?: Omit<LockUse, 'name'>, misuse = ''): Op<T> {
    const blocks = update.mode === LatchMode.Wait && update.empty !== undefined;
    return new Op<T>({
      code: Opcode.Latch,
      label,
      region: this.region,
      index: this.index,
      a: packLatch(update),
      result: update.mode === LatchMode.Wait ? 'none' : 'boolean',
      writes: update.mode !== LatchMode.Test,
      blocks,
      misuse,
      ...(use ? { lock: { name: this.region.name, ...use } } : {}),
    });
  }
}
