/**
 * Random routines as data, in two readings: as a generator that yields ops, for the executor, and as a plain generator
 * that is run as it stands, without automaton, tables or re-feeding, for the reference.
 */
import fc from 'fast-check';
import type { CellArray, RefCellArray } from '../../src/core/ops/cell.js';
import { choose } from '../../src/core/ops/choice.js';
import { loop } from '../../src/core/ops/loop.js';
import type { Domain, Identity, Ref } from '../../src/core/ops/ref.js';
import { atomic, here, type Routine } from '../../src/core/ops/routine.js';
import type { Mutex } from '../../src/primitives/lock.js';

export const CELLS = 3;
export const ITEMS = 3;

/** One op. `at` is a cell; -1 stands for the cell that the ref read last points to, or cell 0 when there is none. */
export type Leaf =
  | { readonly kind: 'read' | 'await'; readonly at: number; readonly value: number }
  | { readonly kind: 'write' | 'add' | 'fetchAdd' | 'swap'; readonly at: number; readonly value: number }
  | { readonly kind: 'writeSeen'; readonly at: number }
  | { readonly kind: 'cmpxchg'; readonly at: number; readonly old: number; readonly value: number }
  | { readonly kind: 'choose'; readonly count: number }
  | { readonly kind: 'lock' | 'unlock' }
  | { readonly kind: 'readRef' | 'equalsRef'; readonly at: number }
  | { readonly kind: 'writeRef'; readonly at: number; readonly item: number }
  | { readonly kind: 'copyRef'; readonly at: number };

/** A statement; `least` decides branches and loops by comparing it with the last result. */
export type Statement =
  | Leaf
  | {
      readonly kind: 'if';
      readonly least: number;
      readonly yes: readonly Statement[];
      readonly no: readonly Statement[];
    }
  /** `carries`: what is known is handed on from round to round, and not forgotten. */
  | { readonly kind: 'loop'; readonly least: number; readonly carries: boolean; readonly body: readonly Statement[] }
  | { readonly kind: 'atomic'; readonly body: readonly Statement[] }
  | { readonly kind: 'locked'; readonly body: readonly Statement[] };

/** Inside the window of the word tables, at its edges, and beyond. */
const value = fc.oneof(
  fc.integer({ min: -2, max: 3 }),
  fc.constantFrom(-9, -8, -7, 22, 23, 24, 0x7fffffff, -0x80000000),
);
const at = fc.integer({ min: -1, max: CELLS - 1 });
const cell = fc.integer({ min: 0, max: CELLS - 1 });
const least = fc.constantFrom(-8, 0, 1, 2, 24);

const plain: fc.Arbitrary<Leaf> = fc.oneof(
  fc.record({ kind: fc.constant('read' as const), at, value }),
  fc.record({
    kind: fc.constantFrom('write' as const, 'add' as const, 'fetchAdd' as const, 'swap' as const),
    at,
    value,
  }),
  fc.record({ kind: fc.constant('writeSeen' as const), at }),
  fc.record({ kind: fc.constant('cmpxchg' as const), at, old: value, value }),
  fc.record({ kind: fc.constantFrom('readRef' as const, 'equalsRef' as const, 'copyRef' as const), at: cell }),
  fc.record({ kind: fc.constant('writeRef' as const), at: cell, item: fc.integer({ min: -1, max: ITEMS - 1 }) }),
);
const waits: fc.Arbitrary<Leaf> = fc.record({
  kind: fc.constant('await' as const),
  at,
  value: fc.constantFrom(-8, 0, 1),
});
const chooses: fc.Arbitrary<Leaf> = fc.record({
  kind: fc.constant('choose' as const),
  count: fc.integer({ min: 2, max: 3 }),
});

/** Only the first op of an atomic section may wait or choose. */
const section = fc
  .tuple(fc.oneof(plain, waits, chooses), fc.array(plain, { maxLength: 3 }))
  .map(([first, rest]): Statement => ({ kind: 'atomic', body: [first, ...rest] }));

const { statements } = fc.letrec<{ statements: Statement[]; statement: Statement }>((tie) => ({
  statements: fc.array(tie('statement'), { maxLength: 4 }),
  statement: fc.oneof(
    { depthSize: 'small' },
    { weight: 6, arbitrary: plain },
    waits,
    chooses,
    section,
    fc.record({ kind: fc.constant('if' as const), least, yes: tie('statements'), no: tie('statements') }),
    fc
      .record({ first: plain, least, carries: fc.boolean(), body: tie('statements') })
      .map(({ first, body, ...rest }): Statement => ({ kind: 'loop', ...rest, body: [first, ...body] })),
    tie('statements').map((body): Statement => ({ kind: 'locked', body })),
  ),
}));

/** Scripts of three actors: one to three calls each. */
export const scripts = fc.array(fc.array(statements, { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 3 });

/** A locked section spelled out; locked sections within it only run their bodies, because locks are not recursive. */
function sectionOf(body: readonly Statement[]): readonly Statement[] {
  return [{ kind: 'lock' }, ...unlocked(body), { kind: 'unlock' }];
}

function unlocked(body: readonly Statement[]): readonly Statement[] {
  return body.flatMap((statement): readonly Statement[] => {
    switch (statement.kind) {
      case 'locked':
        return unlocked(statement.body);
      case 'if':
        return [{ ...statement, yes: unlocked(statement.yes), no: unlocked(statement.no) }];
      case 'loop':
        return [{ ...statement, body: unlocked(statement.body) }];
      default:
        return [statement];
    }
  });
}

/** Shared memory as ops reach it. */
export interface Shared {
  readonly cells: CellArray;
  readonly refs: RefCellArray;
  readonly items: Domain & { id(index: number): Identity };
  readonly lock: Mutex;
}

/** What a routine knows: its last result and the ref it read last. */
interface Known<R> {
  seen: number;
  ref: R | null;
}

/** The routine that the executor runs. */
export function* routineOf(statements: readonly Statement[], shared: Shared): Routine<number> {
  const known: Known<Ref> = { seen: 0, ref: null };
  // A routine without an op would be over before it begins.
  yield* shared.cells.at(0).add(0);
  yield* yields(statements, shared, known);
  return known.seen;
}

function* yields(statements: readonly Statement[], shared: Shared, known: Known<Ref>): Routine {
  for (const statement of statements) {
    switch (statement.kind) {
      case 'if':
        yield* yields(known.seen >= statement.least ? statement.yes : statement.no, shared, known);
        break;
      case 'loop': {
        Object.assign(known, yield* goesRound(statement, shared, known));
        break;
      }
      case 'atomic':
        yield* atomic('section', () => yields(statement.body, shared, known));
        break;
      case 'locked':
        yield* yields(sectionOf(statement.body), shared, known);
        break;
      default:
        yield* yieldsLeaf(statement, shared, known);
    }
  }
}

function* goesRound(
  { body, carries, least }: Extract<Statement, { kind: 'loop' }>,
  shared: Shared,
  known: Known<Ref>,
): Routine<Known<Ref>> {
  if (carries) {
    return yield* loop({ ...known }, function* (values, again) {
      const learned = { ...values };
      yield* yields(body, shared, learned);
      return learned.seen >= least ? yield* again(learned) : learned;
    });
  }
  const again = yield* here();
  const learned = { ...known };
  yield* yields(body, shared, learned);
  return learned.seen >= least ? yield* again() : learned;
}

function* yieldsLeaf(leaf: Leaf, { cells, refs, items, lock }: Shared, known: Known<Ref>): Routine {
  const cellAt = (at: number) => cells.at(at >= 0 ? at : (known.ref ?? 0));
  switch (leaf.kind) {
    case 'read':
      known.seen = yield* cellAt(leaf.at).read();
      break;
    case 'await':
      yield* cellAt(leaf.at).waitUntil(
        (value) => value >= leaf.value,
        (value) => (value - 1) | 0,
      );
      break;
    case 'write':
      yield* cellAt(leaf.at).write(leaf.value);
      break;
    case 'writeSeen':
      yield* cellAt(leaf.at).write(known.seen);
      break;
    case 'add':
      yield* cellAt(leaf.at).add(leaf.value);
      break;
    case 'fetchAdd':
      known.seen = yield* cellAt(leaf.at).fetchAdd(leaf.value);
      break;
    case 'swap':
      known.seen = yield* cellAt(leaf.at).swap(leaf.value);
      break;
    case 'cmpxchg':
      known.seen = (yield* cellAt(leaf.at).cmpxchg(leaf.old, leaf.value)) ? 1 : 0;
      break;
    case 'choose':
      known.seen = yield* choose(leaf.count, 'which');
      break;
    case 'lock':
      yield* lock.lock();
      break;
    case 'unlock':
      yield* lock.unlock();
      break;
    case 'readRef':
      known.ref = yield* refs.at(leaf.at).read();
      break;
    case 'equalsRef':
      known.seen = (yield* refs.at(leaf.at).equals(known.ref)) ? 1 : 0;
      break;
    case 'writeRef':
      yield* refs.at(leaf.at).write(leaf.item < 0 ? null : items.id(leaf.item));
      break;
    case 'copyRef':
      yield* refs.at(leaf.at).write(known.ref);
      break;
  }
}

/** An op of the reference: what to do now that the routine's knowledge is filled in. */
export interface PlainOp {
  readonly leaf: Leaf;
  /** The cell it is on. */
  readonly at: number;
  /** What it stores. */
  readonly stored: number;
  /** The item of the ref that it compares or copies; -1 for none. */
  readonly item: number;
  /** It is not the first op of an atomic section. */
  readonly continues: boolean;
}

/** How the reference goes on: the routine notes jumps to the head of a loop here. */
export interface Progress {
  jumped: boolean;
}

/** The same routine as plain code: an op's result is what `next` is called with; items are numbers. */
export function* plainOf(statements: readonly Statement[], progress: Progress): Generator<PlainOp, number, number> {
  const known: Known<number> = { seen: 0, ref: null };
  yield { leaf: { kind: 'add', at: 0, value: 0 }, at: 0, stored: 0, item: -1, continues: false };
  yield* plains(statements, known, progress, { open: false, ops: 0 });
  return known.seen;
}

function* plains(
  statements: readonly Statement[],
  known: Known<number>,
  progress: Progress,
  section: { open: boolean; ops: number },
): Generator<PlainOp, void, number> {
  for (const statement of statements) {
    switch (statement.kind) {
      case 'if':
        yield* plains(known.seen >= statement.least ? statement.yes : statement.no, known, progress, section);
        break;
      case 'loop': {
        let learned = { ...known };
        for (;;) {
          yield* plains(statement.body, learned, progress, section);
          if (learned.seen < statement.least) break;
          if (!statement.carries) learned = { ...known };
          progress.jumped = true;
        }
        Object.assign(known, learned);
        break;
      }
      case 'atomic':
        yield* plains(statement.body, known, progress, { open: true, ops: 0 });
        break;
      case 'locked':
        yield* plains(sectionOf(statement.body), known, progress, section);
        break;
      default:
        yield* plainLeaf(statement, known, section.open && section.ops++ > 0);
    }
  }
}

function* plainLeaf(leaf: Leaf, known: Known<number>, continues: boolean): Generator<PlainOp, void, number> {
  const at = 'at' in leaf ? (leaf.at >= 0 ? leaf.at : (known.ref ?? 0)) : -1;
  const result = yield { leaf, at, stored: known.seen, item: known.ref ?? -1, continues };
  if (leaf.kind === 'readRef') known.ref = result < 0 ? null : result;
  else if (['read', 'fetchAdd', 'swap', 'cmpxchg', 'choose', 'equalsRef'].includes(leaf.kind)) known.seen = result;
}
