/**
 * Deriver: finds out what a routine does next after a history of results, and refuses routines that are not
 * deterministic. Imported by the automaton only.
 *
 * A generator that has come to a local state waits there, so that the next op costs one resumption and not the whole
 * history. A history is fed to a fresh generator where none waits, whenever its length has doubled, and once more when
 * the call ends or goes back to a loop's head: so every op of a call is derived twice, at a cost that grows with its
 * length and not with the square of it.
 */

import { ModelError } from '../errors.js';
import { type Op, opText, signatureOf } from '../ops/op.js';
import { type Derived, derivedText, type Fed, Feeder, signatureOfDerived } from './feeder.js';

/** Generators that wait; beyond it the oldest is given up. */
const MOST_WAITING = 1024;

/** A history: the ops of a call so far with their results. */
export interface DerivedHistory {
  /** Number of results. */
  readonly length: number;
  /** The last op with its result; undefined when there is none yet. */
  readonly last: Answered | undefined;
  /** All of it from the start: costs as much as it is long, and is asked for only where that is fed again. */
  readonly all: () => readonly Answered[];
}

/** An op with what it returned. */
export interface Answered {
  readonly op: Op<unknown>;
  readonly result: number;
}

const NOTHING_YET: DerivedHistory = { length: 0, last: undefined, all: () => [] };

/** Runs the generators of one automaton. */
export class Deriver {
  /** Generators by the node at which they wait for a result. */
  readonly #waiting = new Map<number, Feeder>();

  /** @param maxRegisters refs that a call may hold at once */
  constructor(readonly maxRegisters: number) {}

  /** What a routine does first. `nodeOf` makes a node of it; the generator waits there. */
  first(root: Fed, nodeOf: (derived: Derived) => number): number {
    return this.#step(root, NOTHING_YET, undefined, nodeOf);
  }

  /**
   * What a routine does after a history that ends with the op of `node`. `nodeOf` makes a node of it; the generator waits
   * there.
   *
   * @throws ModelError when the routine is not deterministic, or would not run
   */
  next(root: Fed, node: number, history: DerivedHistory, nodeOf: (derived: Derived) => number): number {
    const feeder = this.#waiting.get(node);
    this.#waiting.delete(node);
    return this.#step(root, history, feeder, nodeOf);
  }

  #step(root: Fed, history: DerivedHistory, waiting: Feeder | undefined, nodeOf: (derived: Derived) => number): number {
    const { length } = history;
    const feeder = waiting ?? this.#fed(root, history);
    const derived = stepOf(feeder, history);
    this.#admit(derived, root, length);
    if (derived.kind !== 'op' || isPowerOfTwo(length)) this.#compare(root, history, derived);
    const node = nodeOf(derived);
    if (derived.kind === 'op') this.#wait(node, feeder);
    return node;
  }

  /** A fresh generator that was fed all results but the last, and has come to the op of that. */
  #fed(root: Fed, history: DerivedHistory): Feeder {
    const feeder = new Feeder(root);
    const all = history.all();
    const end = all.length - 1;
    for (const [position, { op: expected, result }] of all.entries()) {
      const derived = feeder.next();
      if (derived.op === undefined || signatureOf(derived.op) !== signatureOf(expected)) {
        throw new ModelError(
          `${root.name} is not deterministic: fed the same results it went on with ${derivedText(derived)} where it ` +
            `had yielded "${opText(expected)}" before; shared state must live in cells`,
        );
      }
      if (position < end) feeder.feed(derived.op, result);
    }
    return feeder;
  }

  /** Derives the step once more, from the start. */
  #compare(root: Fed, history: DerivedHistory, first: Derived): void {
    const second = stepOf(this.#fed(root, history), history);
    if (signatureOfDerived(first) === signatureOfDerived(second)) return;
    throw new ModelError(
      `${root.name} is not deterministic: fed the same results twice it went on with ${derivedText(first)} and ` +
        `then with ${derivedText(second)}; shared state must live in cells`,
    );
  }

  #wait(node: number, feeder: Feeder): void {
    if (this.#waiting.size >= MOST_WAITING) {
      const [oldest] = this.#waiting.keys();
      this.#waiting.delete(oldest);
    }
    this.#waiting.set(node, feeder);
  }

  /** Refuses what would not run. */
  #admit(derived: Derived, root: Fed, position: number): void {
    if (derived.kind === 'again' && (derived.depth < 0 || derived.depth > position)) {
      throw new ModelError(`${root.name} calls an again() whose here() it has not run; call here() before`);
    }
    if (derived.kind === 'again' && derived.depth === position) {
      throw new ModelError(`${root.name} calls again() without an op since here(): it would loop without a step`);
    }
    if (derived.registers > this.maxRegisters) {
      throw new ModelError(
        `${root.name} holds ${derived.registers} refs at once; the model allows ${this.maxRegisters} ` +
          '(defineModel({ registers: n }))',
      );
    }
  }
}

/** Feeds the last result, if there is one, and goes on to the next step. */
function stepOf(feeder: Feeder, { last }: DerivedHistory): Derived {
  if (last !== undefined) feeder.feed(last.op, last.result);
  return feeder.next();
}

function isPowerOfTwo(length: number): boolean {
  return (length & (length - 1)) === 0;
}
