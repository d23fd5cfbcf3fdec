/**
 * Cells: the words of shared memory, and the ops on them.
 *
 * `Cell` holds small integers, `RefCell` holds refs; arrays hand out either by index, identity or ref. A `Ghost` has
 * no ops: routines cannot read it. Built by the model builder; used by models and primitives.
 */

import { ModelError } from '../errors.js';
import { checkedIndex, type Region } from './layout.js';
import { noteYielded } from './made.js';
import { BitAction, Op, Opcode, operandOf, type WordFunction } from './op.js';
import { type Domain, Identity, type Index, Ref } from './ref.js';
import type { Routine } from './routine.js';
import { namedValue } from './value-names.js';
import { cellText, checkedWordFunction, isWord, valueText, wordValue } from './word-value.js';

/** A word that routines cannot read; other ops update it with `.record`. */
export class Ghost {
  constructor(readonly region: Region) {}
}

/** A word of shared memory that holds a small integer. */
export class Cell {
  constructor(
    readonly region: Region,
    readonly index: Index = 0,
  ) {}

  /** Reads the value. */
  read(): Op<number> {
    return this.#value('%', { result: (value) => value });
  }

  /** Stores a value: a whole number of 32 bits. Throws ModelError for any other, as all ops that take a value do. */
  write(value: number): Op<void> {
    const stored = wordValue(value, () => `${this.#name} = `);
    return this.#word(`% = ${this.#called(stored)}`, 'none', { next: () => stored }, stored);
  }

  /**
   * Adds atomically; returns nothing (use `fetchAdd` when the routine needs the old value). The sum wraps around at 32
   * bits, as atomic_add() does.
   */
  add(amount: number): Op<void> {
    wordValue(amount, () => `${this.#name} += `);
    return this.#word(addLabel(amount), 'none', { next: (value) => (value + amount) | 0 }, amount);
  }

  /** Adds atomically and returns the old value. The sum wraps around at 32 bits. */
  fetchAdd(amount: number): Op<number> {
    wordValue(amount, () => `fetch_add on ${this.#name} of `);
    const next = (value: number): number => (value + amount) | 0;
    return this.#value(`fetch_add(%, ${amount})`, { next, result: (value) => value }, amount);
  }

  /** Stores a value and returns the old one. */
  swap(value: number): Op<number> {
    const stored = wordValue(value, () => `${this.#name} = `);
    return this.#value(`xchg(%, ${this.#called(stored)})`, { next: () => stored, result: (old) => old }, stored);
  }

  /** Stores `value` if the cell holds `old`; returns whether it did. */
  cmpxchg(old: number, value: number): Op<boolean> {
    wordValue(old, () => `cmpxchg on ${this.#name} from `);
    wordValue(value, () => `cmpxchg on ${this.#name} to `);
    return this.#word(
      `cmpxchg(%, ${this.#called(old)}, ${this.#called(value)})`,
      'boolean',
      { next: (seen) => (seen === old ? value : seen), result: (seen) => (seen === old ? 1 : 0) },
      old,
      value,
    );
  }

  /**
   * Waits until the predicate holds; `update`, if given, changes the value in the same step. A run in which `update` is
   * called and returns no whole number of 32 bits ends with a ModelError.
   */
  waitUntil(predicate: (value: number) => boolean, update?: (value: number) => number): Op<void> {
    const label = 'wait until %';
    const word: WordFunction = update
      ? checkedWordFunction({ enabled: predicate, next: update }, 'none', () => this.#named(label))
      : { enabled: predicate };
    return new Op<void>({
      code: Opcode.Word,
      label,
      region: this.region,
      index: this.index,
      result: 'none',
      writes: update !== undefined,
      blocks: true,
      word,
    });
  }

  /**
   * Applies a pure function of the value in one step; the general form of the ops above. A run in which it returns a
   * value that is no whole number of 32 bits ends with a ModelError; so does one with such a result, but for booleans.
   */
  apply<T extends number | boolean | void>(
    label: string,
    result: 'none' | 'number' | 'boolean',
    word: WordFunction,
  ): Op<T> {
    const checked = checkedWordFunction(word, result, () => this.#named(label));
    return this.#word(label, result, checked) as Op<unknown> as Op<T>;
  }

  /** Loads the value into a register without letting the routine see it: for plain read-modify-write. */
  load(): Op<Ref> {
    return new Op<Ref>({
      code: Opcode.LoadRaw,
      label: '%',
      region: this.region,
      index: this.index,
      result: 'raw',
      writes: false,
    });
  }

  get #name(): string {
    return cellText(this.region, this.index);
  }

  /** A value as the model calls it. */
  #called(value: number): string {
    return namedValue(this.region.values, value);
  }

  /** An op that returns a value of the cell. */
  #value(label: string, word: WordFunction, a?: number): Op<number> {
    const { values } = this.region;
    const op = this.#word<number>(label, 'number', word, a);
    if (values === undefined) return op;
    noteYielded(op);
    return new Op<number>({ ...op.spec, names: values });
  }

  #named(label: string): string {
    return label.replace('%', this.#name);
  }

  #word<T>(label: string, result: 'none' | 'number' | 'boolean', word: WordFunction, a?: number, b?: number): Op<T> {
    return new Op<T>({
      code: Opcode.Word,
      label,
      region: this.region,
      index: this.index,
      ...(a === undefined ? {} : { a }),
      ...(b === undefined ? {} : { b }),
      result,
      writes: word.next !== undefined,
      ...(word.enabled ? { blocks: true } : {}),
      word,
    });
  }
}

/** A word that holds a ref into a domain, or none, or a mark. */
export class RefCell {
  constructor(
    readonly region: Region,
    readonly index: Index,
    readonly domain: Domain,
  ) {}

  /** Loads the ref into a register; null when there is none. */
  read(): Op<Ref | null> {
    return this.#op<Ref | null>(Opcode.LoadRef, '%', 'ref', false);
  }

  /** Stores a ref, or none. Throws ModelError for anything else, as all ops that take a ref do. */
  write(value: Ref | Identity | null): Op<void> {
    this.#check(value);
    return this.#op<void>(Opcode.StoreRef, value === null ? '% = NULL' : '% = $a', 'none', true, operandOf(value));
  }

  /** Stores `value` if the cell holds `old`; returns whether it did. */
  cmpxchg(old: Ref | Identity | null, value: Ref | Identity | null): Op<boolean> {
    this.#check(old);
    this.#check(value);
    return this.#op<boolean>(
      Opcode.CompareExchangeRef,
      'cmpxchg(%, $b, $a)',
      'boolean',
      true,
      operandOf(value),
      operandOf(old),
    );
  }

  /** Whether the cell holds this ref. */
  equals(value: Ref | Identity | null): Op<boolean> {
    this.#check(value);
    return this.#op<boolean>(Opcode.CompareRef, '% == $a', 'boolean', false, operandOf(value));
  }

  /**
   * What kind of thing the cell holds, not which: 1 for a ref, 0 for none, or the mark. A routine that asks this and no
   * more cannot tell one identity from another.
   */
  holds(): Op<number> {
    const { spec } = this.#word<number>('%', 'number', { result: (value) => Math.min(value, 1) });
    return new Op<number>({
      ...spec,
      names: new Map([
        [0, 'NULL'],
        [1, `a ${this.domain.name}`],
      ]),
    });
  }

  /** Stores a mark: a number below 0 that stands for something which is no identity. `read` takes it for none. */
  mark(value: number): Op<void> {
    const isMark = isWord(value) && value < 0;
    if (!isMark) throw new ModelError(`${this.region.name}: ${valueText(value)} is no mark (< 0)`);
    return this.#word(`% = ${value}`, 'none', { next: () => value });
  }

  #word<T>(label: string, result: 'none' | 'number', word: WordFunction): Op<T> {
    return new Op<T>({
      code: Opcode.Word,
      label,
      region: this.region,
      index: this.index,
      result,
      writes: word.next !== undefined,
      word,
    });
  }

  #check(value: unknown): void {
    if (value === null || value instanceof Ref || value instanceof Identity) return;
    const name = cellText(this.region, this.index);
    throw new ModelError(`${name} and ${valueText(value)}: this cell holds ${this.domain.name} refs, or null`);
  }

  #op<T>(code: 2 | 4 | 5 | 6, label: string, result: 'none' | 'ref' | 'boolean', writes: boolean, a = 0, b = 0): Op<T> {
    return new Op<T>({
      code,
      label,
      region: this.region,
      index: this.index,
      a,
      b,
      result,
      writes,
      ...(result === 'ref' ? { domain: this.domain } : {}),
    });
  }
}

/** An array of integer cells. */
export class CellArray {
  constructor(readonly region: Region) {}
  /** The cell at a position, identity or ref. */
  at(index: Index): Cell {
    return new Cell(this.region, checkedIndex(this.region, index));
  }
}

/** An array of ref cells. */
export class RefCellArray {
  constructor(
    readonly region: Region,
    readonly domain: Domain,
  ) {}
  /** The cell at a position, identity or ref. */
  at(index: Index): RefCell {
    return new RefCell(this.region, checkedIndex(this.region, index), this.domain);
  }
}

/** An array of bits in 32-bit words, as a kernel bitmap is. */
export class Bitmap {
  constructor(
    readonly region: Region,
    readonly bits: number,
  ) {}

  /** test_bit() */
  test(bit: Identity | Ref): Op<boolean> {
    return this.#bit('test_bit($a, %)', BitAction.Test, bit, 'boolean');
  }

  /** set_bit(): atomic. */
  set(bit: Identity | Ref): Op<void> {
    return this.#bit('set_bit($a, %)', BitAction.Set, bit, 'none');
  }

  /** clear_bit(): atomic. */
  clear(bit: Identity | Ref): Op<void> {
    return this.#bit('clear_bit($a, %)', BitAction.Clear, bit, 'none');
  }

  /** The plain load of the word that holds the bit, first half of a non-atomic update. */
  load(bit: Identity | Ref): Op<Ref> {
    return this.#bit('word = %', BitAction.Load, bit, 'raw');
  }

  /** The plain store of a loaded word with the bit set or cleared, second half of a non-atomic update. */
  store(bit: Identity | Ref, word: Ref, value: boolean): Op<void> {
    this.#check(bit);
    return new Op<void>({
      code: Opcode.BitStore,
      label: value ? '% = word | BIT($a)' : '% = word & ~BIT($a)',
      region: this.region,
      index: 0,
      a: operandOf(bit),
      b: word.register,
      c: value ? 1 : 0,
      result: 'none',
      writes: true,
    });
  }

  #check(bit: Identity | Ref): void {
    if (bit instanceof Ref || (bit instanceof Identity && bit.index < this.bits)) return;
    if (!(bit instanceof Identity)) {
      throw new ModelError(`${this.region.name} has no bit ${valueText(bit)}: a bit is named by an identity or a ref`);
    }
    throw new ModelError(`${this.region.name} has no bit ${bit.index}; it has ${this.bits} bits`);
  }

  #bit<T>(label: string, action: number, bit: Identity | Ref, result: 'boolean' | 'none' | 'raw'): Op<T> {
    this.#check(bit);
    return new Op<T>({
      code: Opcode.Bit,
      label,
      region: this.region,
      index: 0,
      a: operandOf(bit),
      b: action,
      result,
      writes: action === BitAction.Set || action === BitAction.Clear,
    });
  }
}

/**
 * The two halves that set_bit() or clear_bit() has where it is not atomic: the plain load of the word and its store.
 * Undefined for any other op.
 */
export function halvesOf({ spec }: Op<unknown>): Routine | undefined {
  if (spec.code !== Opcode.Bit || !spec.writes) return undefined;
  return (function* () {
    const load = new Op<Ref>({ ...spec, label: 'word = %', b: BitAction.Load, result: 'raw', writes: false });
    const { register } = yield* load;
    const value = spec.b === BitAction.Set;
    const label = value ? '% = word | BIT($a)' : '% = word & ~BIT($a)';
    yield* new Op<void>({ ...spec, code: Opcode.BitStore, label, b: register, c: value ? 1 : 0 });
  })();
}

/** Compares two refs in one step. */
export function sameRef(left: Ref | Identity | null, right: Ref | Identity | null): Op<boolean> {
  return new Op<boolean>({
    code: Opcode.EqualRefs,
    label: '$a == $b',
    a: operandOf(left),
    b: operandOf(right),
    result: 'boolean',
    writes: false,
  });
}

function addLabel(amount: number): string {
  if (amount === 1) return '%++';
  if (amount === -1) return '%--';
  return amount < 0 ? `% -= ${-amount}` : `% += ${amount}`;
}
