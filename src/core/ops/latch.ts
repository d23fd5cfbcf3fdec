/**
 * Latches: words that hold a bit per actor, and the guarded updates on them.
 *
 * Every lock of `src/primitives` is a row of such updates: which words must be empty, where the actor's own bit must
 * or must not be, which bits to set and clear. Who holds and who waits is therefore always known. What nests is counted
 * in unary: an actor has its bit in as many words as it holds. Imported by primitives and by the executor.
 */

import { ModelError } from '../errors.js';
import { checkedIndex, type Region } from './layout.js';
import { type LockUse, Op, Opcode, type OpSpec } from './op.js';
import type { Index } from './ref.js';

/** What a latch op does when its words are not empty, or what it reports, or that it counts. */
export const LatchMode = {
  /** Blocks until the words are empty; no result. */
  Wait: 0,
  /** Returns whether the update was made. */
  Try: 1,
  /** Makes the update, or `queues` instead; returns whether the update was made. */
  Queue: 2,
  /** Returns whether the actor's own bit is set in the `mine` word. */
  Test: 3,
  /** Sets the actor's bit in the first word that lacks it, of however many there are; all of them are a bound of the model. */
  Enter: 4,
  /** Clears the actor's bit in the last word that has it; a misuse when none has. */
  Leave: 5,
  /** Takes the last place of a line (latch-line.ts), unless the actor stands in it; no place left is a bound of the model. */
  Join: 6,
  /** Lets the first place of a line go, and all others move up; returns whether anybody stood there. */
  Next: 7,
  /** Lets everybody in a line go; returns whether there was anybody. */
  Drain: 8,
  /** Blocks until the actor stands nowhere in the line; no result. */
  Await: 9,
  /** Takes the actor out of the line; those behind it move up. Returns whether it stood there. */
  Quit: 10,
} as const;

// A constant of its own is folded into the code; a property is looked up at every update.
const { Wait, Queue } = LatchMode;

const WITHOUT_RESULT: ReadonlySet<number> = new Set([
  ...[LatchMode.Wait, LatchMode.Enter, LatchMode.Leave, LatchMode.Join, LatchMode.Await],
]);

/** Every word, in the fields of an update that name words. */
const ALL_WORDS = -1;

/** A guarded update; words are given as a bit set (1: first word, 2: second, 4: third). */
export interface LatchUpdate {
  readonly mode: (typeof LatchMode)[keyof typeof LatchMode];
  /** Misuse if the actor's bit is set in one of these. */
  readonly notMine?: number;
  /** Misuse unless the actor's bit is set in one of these. In Test mode: the words to test. */
  readonly mine?: number;
  /** Words that must be empty, or the op blocks, fails or queues. */
  readonly empty?: number;
  /** In Queue mode: words that must be empty, or the op blocks: it may not even queue. */
  readonly gate?: number;
  /** Words in which to set the actor's bit. */
  readonly set?: number;
  /** Words in which to clear the actor's bit. */
  readonly clear?: number;
  /** Words in which to set every actor's bit. */
  readonly fill?: number;
  /** In Queue mode: words in which to set the actor's bit when the update cannot be made. */
  readonly queue?: number;
}

/** Packs an update into the op's operand: three bits a field, with the words that it waits for in front and the mode last. */
export function packLatch(update: LatchUpdate): number {
  const { notMine = 0, mine = 0, empty = 0, set = 0, clear = 0, fill = 0, queue = 0, gate = 0, mode } = update;
  const waitsFor = mode === LatchMode.Wait ? empty : gate;
  const words =
    notMine | (mine << 3) | (empty << 6) | (set << 9) | (clear << 12) | (fill << 15) | (queue << 18) | (waitsFor << 21);
  return words | (mode << 24);
}

/** What `packLatch` packed. */
export interface UnpackedLatch extends Required<Omit<LatchUpdate, 'gate'>> {
  /** Words that must be empty before the op can run at all. */
  readonly waitsFor: number;
}

/** Updates that were unpacked, by what they were packed into. There are few, and whoever judges an op asks. */
const unpacked = new Map<number, UnpackedLatch>();

/** The update that `packLatch` packed, with 0 for what it leaves out; for reports. */
export function unpackLatch(packed: number): UnpackedLatch {
  let update = unpacked.get(packed);
  if (update === undefined) {
    update = unpackedFrom(packed);
    unpacked.set(packed, update);
  }
  return update;
}

function unpackedFrom(packed: number): UnpackedLatch {
  const field = (place: number): number => (packed >> (place * 3)) & 7;
  const mode = (packed >> 24) as LatchUpdate['mode'];
  return {
    ...{ notMine: field(0), mine: field(1), empty: field(2) },
    set: mode === LatchMode.Enter ? ALL_WORDS : field(3),
    clear: mode === LatchMode.Leave ? ALL_WORDS : field(4),
    ...{ fill: field(5), queue: field(6), waitsFor: field(7), mode },
  };
}

/**
 * Whether an actor may not make an update as things are.
 *
 * @param holders of the latch's words: 1, 2, 4 where the actor's own bit is set; 8, 16, 32 where anybody's is
 */
export function isLatchMisuse(packed: number, holders: number): boolean {
  const mine = (packed >> 3) & 7;
  return (holders & packed & 7) !== 0 || (mine !== 0 && (holders & mine) === 0);
}

/** The words that must be empty before an update can be made at all. */
function waitsForWords(packed: number): number {
  return (packed >> 21) & 7;
}

/** Whether an update has to wait; `holders` as above. */
export function latchWaits(packed: number, holders: number): boolean {
  return ((holders >> 3) & waitsForWords(packed)) !== 0;
}

/** Above the words of an outcome: the op returns 1. */
export const LATCH_DONE = 1 << 9;

/**
 * What an update comes to that does not wait: the words in which to set and to clear the actor's bit, and those in which to
 * set every actor's, three bits each from the lowest on; and LATCH_DONE. `holders` as above.
 */
export function latchOutcome(packed: number, holders: number): number {
  const mode = packed >> 24;
  const isEmpty = ((holders >> 3) & (packed >> 6) & 7) === 0;
  if (isEmpty) return ((packed >> 9) & 0x1ff) | (mode === Wait ? 0 : LATCH_DONE);
  return mode === Queue ? (packed >> 18) & 7 : 0;
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
    const packed = packLatch(update);
    const { mode } = update;
    return new Op<T>({
      code: Opcode.Latch,
      label,
      region: this.region,
      index: this.index,
      a: packed,
      result: WITHOUT_RESULT.has(mode) ? 'none' : 'boolean',
      writes: mode !== LatchMode.Test && mode !== LatchMode.Await,
      blocks: waitsForWords(packed) !== 0 || mode === LatchMode.Await,
      misuse,
      ...(use ? { lock: { name: this.region.name, ...use } } : {}),
    });
  }
}

/** What stops a run in which an actor would be counted more often than there are words. */
export function nestedTooDeep({ label, lock, region }: OpSpec): ModelError {
  const width = region?.width ?? 1;
  return new ModelError(
    `${label}: a task nests ${lock?.of ?? region?.name} more than ${width} deep; declare it with room for more, such as ` +
      `{ nesting: ${width * 2} }`,
  );
}

/** What stops a run in which more would stand in a line than it has places. */
export function lineFull({ label, region }: OpSpec): ModelError {
  const { name = 'the line', width = 1 } = region ?? {};
  return new ModelError(`${label.replace('%', name)}: more than ${width} stand in line; declare it with room for more`);
}
