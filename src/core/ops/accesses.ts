/**
 * Accesses: what an op touches, in one table.
 *
 * The meaning of an op is executed by `core/run` and `live`; everybody who only has to *judge* ops (symmetry, footprints,
 * registers, races, coverage, stripes, stories) asks here and lists no opcodes of its own, so that an op which is new,
 * or a way to a cell that is, is written down once. The switch is exhaustive by type. Tables are about ops before they
 * run: `at: 'any'` where only the run tells which cell it is. Imported by every floor above.
 */

import { LatchMode, type UnpackedLatch, unpackLatch } from './latch.js';
import type { Region } from './layout.js';
import { BitAction, type ComputeOperand, type Op, Opcode, type OpSpec } from './op.js';
import { type Domain, Identity, type Index, Ref } from './ref.js';

/**
 * What an op does to a word. `load`: it looks. `store`: it writes without looking. `rmw`: it looks and may write.
 * `own-bit`: it looks at, or changes, nothing but the acting actor's own bit; two such accesses of different actors
 * commute.
 */
export type AccessKind = 'load' | 'store' | 'rmw' | 'own-bit';

/**
 * How an op comes to a word. `direct`: it names the cell. `pointer`: through a ref that a cell holds. `claim`: it looks
 * for an object that fits. `ghost`: it records.
 */
export type AccessWay = 'direct' | 'pointer' | 'claim' | 'ghost';

/** One word that an op may touch. */
export interface WordAccess {
  readonly region: Region;
  /** Which cell of the region: a position, an identity, a ref; `any`: not known before the op runs. */
  readonly at: Index | 'any';
  /** Which word of the cell, where a cell has several (a latch). */
  readonly part: number;
  readonly how: AccessKind;
  readonly via: AccessWay;
  /** What picks the cell behind a pointer: the domain of the refs in the cell that is followed. */
  readonly through?: Domain | undefined;
}

/** Everything an op may touch, in the order in which it comes to it; ghosts last. */
export function accessesOf(op: Op<unknown>): readonly WordAccess[] {
  const found = declared(op.spec);
  for (const { ghost, word } of op.recordings) {
    found.push({ region: ghost, at: word - ghost.base, part: 0, how: 'rmw', via: 'ghost' });
  }
  return found;
}

/** The words that an access may be of. Whose bit of a latch it is, is not known: it may lie in any of its planes. */
export function wordsOfAccess({ region, part, at }: WordAccess): readonly number[] {
  const { base, count, planes } = region;
  return planes.flatMap((distance) => {
    const first = base + distance + part * count;
    if (at === 'any' || at instanceof Ref) return Array.from({ length: count }, (_, word) => first + word);
    return [first + (at instanceof Identity ? at.index : at)];
  });
}

/** Whether an access may change its word; with `own-bit`, a bit that no other actor touches. */
export function mayWrite({ how }: WordAccess): boolean {
  return how !== 'load';
}

/** The registers an op reads, and what it loads into the next free one when its result says so. */
export interface RegisterUse {
  readonly reads: readonly number[];
  /** `ref`: a ref, unless the result is 0. `raw`: a word as it is. */
  readonly loads: 'ref' | 'raw' | undefined;
}

/** Which registers an op reads and loads. */
export function registerUseOf({ spec }: Op<unknown>): RegisterUse {
  const { index, operands = [], result } = spec;
  const reads: number[] = index instanceof Ref ? [index.register] : [];
  for (const operand of refOperandsOf(spec)) if (operand >= 0) reads.push(operand);
  for (const operand of operands) {
    if (operand instanceof Ref) reads.push(operand.register);
    else if ('region' in operand && operand.index instanceof Ref) reads.push(operand.index.register);
  }
  return { reads, loads: result === 'ref' || result === 'raw' ? result : undefined };
}

/** The operands of an op that are registers (>= 0) or constant refs (below 0), as `operandOf` encodes them. */
export function refOperandsOf({ code, a = 0, b = 0 }: OpSpec): readonly number[] {
  switch (code) {
    case Opcode.StoreRef:
    case Opcode.CompareRef:
    case Opcode.Bit:
      return [a];
    case Opcode.CompareExchangeRef:
    case Opcode.EqualRefs:
    case Opcode.BitStore:
      return [a, b];
    default:
      return [];
  }
}

/**
 * The refs that an op holds against one another: operands, encoded, and what the cell among them holds refs into. All of
 * them must be of one domain for an op to treat its members alike. Undefined when the op holds none.
 */
export function comparedRefsOf(
  spec: OpSpec,
): { readonly operands: readonly number[]; readonly cell?: Domain } | undefined {
  switch (spec.code) {
    case Opcode.EqualRefs:
      return { operands: refOperandsOf(spec) };
    case Opcode.StoreRef:
    case Opcode.CompareRef:
    case Opcode.CompareExchangeRef: {
      const domain = spec.region?.refTo;
      return { operands: refOperandsOf(spec), ...(domain === undefined ? {} : { cell: domain }) };
    }
    default:
      return undefined;
  }
}

/** The event that an op sends to an object, and whether it always does: there may be no object to send it to. */
export interface SentEvent {
  /** Position of the machine in the model, of the event in the machine's table. */
  readonly machine: number;
  readonly event: number;
  readonly always: boolean;
}

/** The event that an op sends; undefined when it sends none. */
export function sentEventOf({ code, a = 0, b = 0 }: OpSpec): SentEvent | undefined {
  if (code === Opcode.Send) return { machine: a, event: b, always: true };
  return code === Opcode.Claim || code === Opcode.Follow ? { machine: a, event: b, always: false } : undefined;
}

/**
 * Whether a run may end at an op because the op itself is refused: by an object's machine, by the rules of a lock, by a
 * function of the word it is on, or because it says no more than that something is wrong.
 */
export function mayBeRefused(spec: OpSpec): boolean {
  const isAsked = sentEventOf(spec) !== undefined || latchUpdateOf(spec) !== undefined;
  return isAsked || spec.word?.violation !== undefined || isFailure(spec);
}

/** Whether an op says that something is wrong, and nothing else: no run goes on behind it. */
export function isFailure({ code }: OpSpec): boolean {
  return code === Opcode.Fail;
}

/** The number that a bit op names its bit by, encoded; undefined for every other op. */
export function bitOperandOf({ code, a }: OpSpec): number | undefined {
  return code === Opcode.Bit || code === Opcode.BitStore ? a : undefined;
}

/** Whether an op is a decision of the environment, which touches nothing. */
export function isChoice({ code }: OpSpec): boolean {
  return code === Opcode.Choose;
}

/** The guarded update of an op on holder bits; undefined for every other op. */
export function latchUpdateOf({ code, a = 0 }: OpSpec): UnpackedLatch | undefined {
  return code === Opcode.Latch ? unpackLatch(a) : undefined;
}

function declared(spec: OpSpec): WordAccess[] {
  const { code, index = 0, region } = spec;
  const on = (how: AccessKind, at: WordAccess['at'] = index): WordAccess[] =>
    region === undefined ? [] : [{ region, at, part: 0, how, via: 'direct' }];
  switch (code) {
    case Opcode.Return:
    case Opcode.EqualRefs:
    case Opcode.Choose:
    case Opcode.Fail:
      return [];
    case Opcode.Word:
      return on(spec.writes ? 'rmw' : 'load');
    case Opcode.LoadRef:
    case Opcode.LoadRaw:
    case Opcode.CompareRef:
    case Opcode.Is:
      return on('load');
    case Opcode.StoreRef:
      return on('store');
    case Opcode.CompareExchangeRef:
    case Opcode.Send:
      return on('rmw');
    case Opcode.Bit:
      return on(spec.b === BitAction.Set || spec.b === BitAction.Clear ? 'rmw' : 'load', wordOfBit(spec));
    case Opcode.BitStore:
      return on('store', wordOfBit(spec));
    case Opcode.Claim:
      return region === undefined ? [] : [{ region, at: 'any', part: 0, how: 'rmw', via: 'claim' }];
    case Opcode.Follow:
      return [...on('load'), ...followed(spec)];
    case Opcode.Latch:
      return region === undefined ? [] : latched(spec, region);
    case Opcode.Compute:
      return (spec.operands ?? []).flatMap((operand) => computed(operand, spec.writes));
    default:
      return unknownOp(code);
  }
}

/** The word of a bitmap that a bit lies in. */
function wordOfBit({ a = 0 }: OpSpec): number | 'any' {
  return a >= 0 ? 'any' : (-a - 2) >> 5;
}

function followed({ target, region }: OpSpec): WordAccess[] {
  if (target === undefined) throw new Error('an op that follows a ref names the objects that it leads to');
  return [{ region: target, at: 'any', part: 0, how: 'rmw', via: 'pointer', through: region?.refTo }];
}

/**
 * Words that must be empty are looked at, those that are filled are written; in all others only the own bit counts. Who
 * joins or leaves a line looks at all of its places, and who waits to be out of it only for the own bit.
 */
function latched(spec: OpSpec, region: Region): WordAccess[] {
  const { notMine, mine, empty, set, clear, fill, queue, waitsFor, mode } = unpackLatch(spec.a ?? 0);
  const own = mode === LatchMode.Test ? mine : notMine | mine | set | clear | queue;
  const found: WordAccess[] = [];
  const { index = 0 } = spec;
  if (mode >= LatchMode.Join) {
    const how = mode === LatchMode.Await ? 'own-bit' : 'rmw';
    return Array.from({ length: region.width }, (_, part) => ({ region, at: index, part, via: 'direct', how }));
  }
  for (let part = 0; part < region.width; part++) {
    const at = { region, at: index, part, via: 'direct' } as const;
    if ((((empty | waitsFor) >> part) & 1) !== 0) found.push({ ...at, how: 'load' });
    if (((own >> part) & 1) !== 0) found.push({ ...at, how: 'own-bit' });
    if (((fill >> part) & 1) !== 0) found.push({ ...at, how: 'store' });
  }
  return found;
}

function computed(operand: ComputeOperand, writes: boolean): WordAccess[] {
  if (operand instanceof Ref || operand instanceof Identity) return [];
  return [{ region: operand.region, at: operand.index, part: 0, how: writes ? 'rmw' : 'load', via: 'direct' }];
}

function unknownOp(code: never): never {
  throw new Error(`no table says what opcode ${String(code)} touches`);
}
