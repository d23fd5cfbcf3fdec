/**
 * Live opcodes: the core's opcodes as the live executor tells them apart. Where latches are no words of the model, a latch
 * op becomes what it means: a lock op for the async read/write locks, or an op of a token. Used by the live nodes.
 */

import { ModelError } from '../core/errors.js';
import { LatchMode, type UnpackedLatch, unpackLatch } from '../core/ops/latch.js';
import { Opcode, type OpSpec } from '../core/ops/op.js';

/** What the live executor's switch knows. */
export const LiveCode = {
  // Up to Refused: nothing to run, somewhere to go or to stay.
  Done: 0,
  Return: 1,
  /** A jump back to the head of a retry loop. */
  Again: 2,
  /** Where an op leads that has to wait. */
  Blocked: 3,
  /** Where an op leads that the stripes of its model do not know. */
  Unknown: 4,
  /** Where an op leads that is refused. */
  Refused: 5,
  /** Where an op leads that another section disturbed. */
  Disturbed: 6,
  /** A function of one word that never changes it. */
  Read: 29,
  /** A function of one word that may change it. */
  Word: 31,
  Is: 7,
  Follow: 8,
  Send: 9,
  /** Remembers a token, compares it, advances it. */
  Take: 10,
  Changed: 11,
  Bump: 12,
  /** Takes a lock, waiting if need be; or takes notice that the lock queued for is there. */
  Acquire: 13,
  Release: 14,
  /** Takes a lock or queues for it; the result says which. */
  Queue: 15,
  Try: 16,
  /** Waits until nobody holds a lock, without taking it. */
  AwaitFree: 17,
  /** Takes a lock for read, once more if the actor has it. */
  Enter: 30,
  /** An op of a lock or a token on words of the model (live-latch.ts). */
  Latch: 32,
  LoadRef: 18,
  LoadRaw: 19,
  StoreRef: 20,
  CompareExchangeRef: 21,
  CompareRef: 22,
  EqualRefs: 23,
  Claim: 24,
  Bit: 25,
  BitStore: 26,
  Compute: 27,
  Choose: 28,
  Fail: 33,
} as const;

const CODES: Readonly<Record<number, number>> = {
  [Opcode.Word]: LiveCode.Word,
  [Opcode.LoadRef]: LiveCode.LoadRef,
  [Opcode.LoadRaw]: LiveCode.LoadRaw,
  [Opcode.StoreRef]: LiveCode.StoreRef,
  [Opcode.CompareExchangeRef]: LiveCode.CompareExchangeRef,
  [Opcode.CompareRef]: LiveCode.CompareRef,
  [Opcode.EqualRefs]: LiveCode.EqualRefs,
  [Opcode.Is]: LiveCode.Is,
  [Opcode.Send]: LiveCode.Send,
  [Opcode.Claim]: LiveCode.Claim,
  [Opcode.Follow]: LiveCode.Follow,
  [Opcode.Bit]: LiveCode.Bit,
  [Opcode.BitStore]: LiveCode.BitStore,
  [Opcode.Compute]: LiveCode.Compute,
  [Opcode.Choose]: LiveCode.Choose,
  [Opcode.Fail]: LiveCode.Fail,
};

/**
 * The live opcode of an op. `latchWords`: whether latches are words of the model; if not, throws ModelError for a latch op
 * that is neither a lock's nor a token's.
 */
export function liveCodeOf(spec: OpSpec, latchWords: boolean): number {
  if (spec.code === Opcode.Word && spec.word?.next === undefined) return LiveCode.Read;
  if (latchWords && spec.code === Opcode.Latch) return LiveCode.Latch;
  return spec.code === Opcode.Latch ? latchCode(spec, unpackLatch(spec.a ?? 0)) : CODES[spec.code];
}

/** Whether an op is one of a token: it has no lock, and no live lock stands for its word. */
export function isTokenCode(code: number): boolean {
  return code === LiveCode.Take || code === LiveCode.Changed || code === LiveCode.Bump;
}

function latchCode({ label, lock, region }: OpSpec, update: UnpackedLatch): number {
  if (lock === undefined) {
    if (update.mode === LatchMode.Test) return LiveCode.Changed;
    if (update.mode === LatchMode.Wait && update.empty === 0 && region?.width === 1) {
      if (update.fill !== 0 && update.set === 0) return LiveCode.Bump;
      if (update.clear !== 0 && update.set === 0) return LiveCode.Take;
    }
    throw new ModelError(`a live run cannot do "${label}" on ${region?.name}: it is the op of no lock and of no token`);
  }
  switch (update.mode === LatchMode.Test ? 'looks' : lock.action) {
    case 'looks':
      // A lock with a queue does not say whether an actor has it.
      break;
    case 'release':
      // To go over from one mode to the other, or out of a queue, is nothing that locks with queues can do.
      if (update.mode === LatchMode.Wait && (update.set !== 0 || update.mine === 0)) break;
      return LiveCode.Release;
    case 'try':
      return LiveCode.Try;
    case 'queue':
      return LiveCode.Queue;
    default:
      if (update.mode === LatchMode.Enter) return LiveCode.Enter;
      if (update.mode === LatchMode.Try) return LiveCode.Try;
      return update.set === 0 ? LiveCode.AwaitFree : LiveCode.Acquire;
  }
  throw new ModelError(`a live run cannot do "${label}" on ${region?.name} where sections exclude only some others`);
}
