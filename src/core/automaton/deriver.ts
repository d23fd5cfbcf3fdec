/**
 * Deriver: finds out what a routine does next after a history of results, and refuses routines that are not
 * deterministic. Imported by the automaton only.
 *
 * A generator that has come to a local state waits there, so that the next op costs one resumption and not the whole
 * history. A history is fed to a fresh generator where none waits; and, while it has continuations that were not
 * taken twice yet (continuations.ts), whenever its length has doubled, and once more when the call ends or goes back to a
 * loop's head. So every continuation in a call is taken twice, at a cost that grows with its length and not with the square of it.
 *
 * A loop that carries values is besides gone round where it stands, for a few rounds, next to fresh generators that are
 * handed the values: what differs is carried from round to round without being among them, and is refused.
 */

import { ModelError } from '../errors.js';
import { accessesOf, isFailure } from '../ops/accesses.js';
import type { Region } from '../ops/layout.js';
import { carriedDistance, carriedWords } from '../ops/loop.js';
import { MadeThings } from '../ops/made.js';
import { isSameOp, type Op, opText } from '../ops/op.js';
import { Place } from '../ops/routine.js';
import { enteredBy } from './call-effect.js';
import { Continuations } from './continuations.js';
import { type Derived, derivedText, isSameDerived, signatureOfDerived } from './derived.js';
import type { Fed } from './fed.js';
import { type Entered, Feeder, type Jump, type LoopWatch } from './feeder.js';

/** Generators that wait; beyond it the oldest is given up. */
const MOST_WAITING = 1024;

/** How often a loop is gone round where it stands while it is near its first values, and how many ops that may take. */
const MOST_ROUNDS = 8;
const NEAR = 32;
const MOST_OPS = 256;

/** What a routine writes in the place of chance, the time and variables of others. */
const INSTEAD =
  'shared state must live in cells, and what chance or the environment decides is asked for by yield* choose(n, "why")';

/** Functions around a loop that its watch is told of. */
const MOST_FRAMES = 200;

/** A history: the ops of a call so far with their results. */
export interface DerivedHistory {
  /** Number of results. */
  readonly length: number;
  /** The last op with its result; undefined when there is none yet. */
  readonly last: Answered | undefined;
  /** All of it from the start: costs as much as it is long, and is asked for only where that is fed again. */
  readonly all: () => Told;
}

/** An op with what it returned. */
export interface Answered {
  readonly op: Op<unknown>;
  readonly result: number;
}

/** All that a generator is fed. */
interface Told {
  readonly answered: readonly Answered[];
  /** The rounds that loops are in, where it is not the first, in the order of the loops. */
  readonly entered: readonly Entered[];
}

const NOTHING_YET: DerivedHistory = { length: 0, last: undefined, all: () => ({ answered: [], entered: [] }) };

/** Runs the generators of one automaton. */
export class Deriver {
  /** Generators by the node at which they wait for a result. */
  readonly #waiting = new Map<number, Feeder>();
  /** What was made and not yielded at once, and is kept for later. */
  readonly #kept = new Set<string>();
  readonly #continuations = new Continuations();

  /**
   * @param maxRegisters refs that a call may hold at once
   * @param watch looks at the text of routines that begin loops
   * @param owns whether cells are the model's; asked where there is a watch
   * @param notesCrossings whether what is derived tells the marks that were passed
   */
  constructor(
    readonly maxRegisters: number,
    readonly watch?: LoopWatch,
    readonly owns: (region: Region) => boolean = () => true,
    readonly notesCrossings = false,
  ) {}

  /** What a routine does first. `nodeOf` makes a node of it; the generator waits there. */
  first(root: Fed, nodeOf: (derived: Derived) => number): number {
    return this.#step(root, NOTHING_YET, undefined, undefined, nodeOf);
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
    return this.#step(root, history, node, feeder, nodeOf);
  }

  /**
   * What a routine does first in a round that a loop was gone back to. `history` ends at the head of the loop; the last of
   * `entered` is the round.
   *
   * @throws ModelError when the routine is not deterministic, or would not run
   */
  round(root: Fed, history: DerivedHistory, nodeOf: (derived: Derived) => number): number {
    return this.#step(root, history, undefined, undefined, nodeOf);
  }

  /**
   * Goes round a loop where it stands. What was told ends before the jump.
   *
   * @throws ModelError when a round does something else than one that is fed the same
   */
  compareRounds(root: Fed, told: Told, { depth, place }: Jump): void {
    if (place.first === undefined) return;
    const { answered } = told;
    const running = this.#fed(root, told);
    let next = running.next().jump as Jump;
    let ops = 0;
    // Later rounds are gone through from wherever they begin; a few of them in a row show what piles up.
    const isNear = next.round === undefined || carriedDistance(place.first, next.round) < NEAR;
    for (let round = isNear ? MOST_ROUNDS : 1; round > 0; round--) {
      running.goRound(next);
      const fresh = this.#fed(root, { answered: answered.slice(0, depth), entered: enteredBy(next, told.entered) });
      for (let position = depth; ; position++) {
        const [first, second] = [attempted(running), attempted(fresh)];
        this.#refuseOther(root, next, first, second);
        if (first instanceof Error || second instanceof Error) return;
        if (first.op === undefined || second.op === undefined) {
          if (first.jump?.place !== next.place) return;
          next = first.jump;
          break;
        }
        // The round goes on as the one before did, while it does the same.
        if (++ops > MOST_OPS || position === answered.length) return;
        const { op, result } = answered[position];
        if (!isSameOp(first.op, op)) return;
        running.feed(first.op, result);
        fresh.feed(second.op, result);
      }
    }
  }

  #refuseOther(root: Fed, { round, place }: Jump, real: Derived | Error, fed: Derived | Error): void {
    if (signatureOrWords(real) === signatureOrWords(fed)) return;
    const values = carriedWords(round ?? place.first ?? {});
    throw new ModelError(
      `${root.name} carries more round its loop than the values it names: in a round that begins with ${values} it ` +
        `goes on with ${textOrWords(real)}, and with ${textOrWords(fed)} when it has not gone round before; name what ` +
        'it carries in loop({ ... }) and hand it on by again({ ... })',
    );
  }

  /** @param from the node that the history leads on from; undefined at the beginning of a routine, or of a round */
  #step(
    root: Fed,
    history: DerivedHistory,
    from: number | undefined,
    waiting: Feeder | undefined,
    nodeOf: (derived: Derived) => number,
  ): number {
    const { length, last } = history;
    const made = this.watch && new MadeThings();
    const feeder = waiting ?? this.#fed(root, history.all(), this.watch, made);
    if (waiting !== undefined && last !== undefined) feeder.feed(last.op, last.result);
    let derived: Derived;
    try {
      derived = this.#watched(() => feeder.next());
    } catch (error) {
      // What was not yielded may have been taken for what it would have returned.
      if (error instanceof ModelError && feeder.made !== undefined)
        this.#refuseDropped(root, history, feeder.made, error);
      throw error;
    }
    if (feeder.made !== undefined) this.#refuseDropped(root, history, feeder.made);
    this.#admit(derived, root, history);
    if (this.watch !== undefined && derived.op !== undefined) this.#admitCells(root, derived.op);
    const continuations = this.#continuations;
    if (waiting === undefined) continuations.tookTwice(continuations.arrivalAt(from));
    const arrival = continuations.after(from, last?.result, root.name, derived);
    if ((isEnd(derived) || isPowerOfTwo(length)) && continuations.hasNew(arrival)) {
      this.#compare(root, history, derived);
      continuations.tookTwice(arrival);
    }
    const node = nodeOf(derived);
    if (derived.kind === 'op') {
      continuations.arrive(node, arrival);
      this.#wait(node, feeder);
    }
    return node;
  }

  /** Loops that begin in a step that is taken for the first time say where they are. */
  #watched<T>(step: () => T): T {
    if (this.watch === undefined) return step();
    const { stackTraceLimit } = Error;
    Place.watched = true;
    Error.stackTraceLimit = MOST_FRAMES;
    try {
      return step();
    } finally {
      Place.watched = false;
      Error.stackTraceLimit = stackTraceLimit;
    }
  }

  /** A fresh generator that was fed all results. */
  #fed(root: Fed, { answered, entered }: Told, watch?: LoopWatch, made?: MadeThings): Feeder {
    const feeder = new Feeder(root, entered, watch, made, this.notesCrossings);
    for (const { op, result } of answered) {
      const derived = feeder.next();
      if (derived.op === undefined || !isSameOp(derived.op, op)) {
        throw new ModelError(
          `${root.name} is not deterministic: fed the same results it went on with ${derivedText(derived)} where it ` +
            `had yielded "${opText(op)}" before; ${INSTEAD}`,
        );
      }
      feeder.feed(derived.op, result);
    }
    return feeder;
  }

  /** Derives the step once more, from the start. */
  #compare(root: Fed, history: DerivedHistory, first: Derived): void {
    const second = this.#fed(root, history.all()).next();
    if (isSameDerived(first, second)) return;
    throw new ModelError(
      `${root.name} is not deterministic: fed the same results twice it went on with ${derivedText(first)} and ` +
        `then with ${derivedText(second)}; ${INSTEAD}`,
    );
  }

  /** What is made and dropped never happens. The routine is run once more to see where it does that. */
  #refuseDropped(root: Fed, history: DerivedHistory, { left }: MadeThings, error?: ModelError): void {
    if (left.length === 0) return;
    const key = `${root.name} ${left.map(({ text }) => text()).join()}`;
    if (error === undefined && this.#kept.has(key)) return;
    const made = new MadeThings(true);
    attempted(this.#fed(root, history.all(), undefined, made));
    for (const { text, trace } of made.left) {
      const line = this.watch?.dropped(trace!, error !== undefined);
      if (line === undefined) continue;
      throw new ModelError(
        `${root.name} makes "${text()}" and does not yield it (${line}): what is not yielded does not happen; write ` +
          'yield* before it',
      );
    }
    this.#kept.add(key);
  }

  #wait(node: number, feeder: Feeder): void {
    if (this.#waiting.size >= MOST_WAITING) {
      const [oldest] = this.#waiting.keys();
      this.#waiting.delete(oldest);
    }
    this.#waiting.set(node, feeder);
  }

  #admitCells(root: Fed, op: Op<unknown>): void {
    const other = accessesOf(op).find(({ region }) => !this.owns(region));
    if (other === undefined) return;
    throw new ModelError(
      `${root.name} yields "${opText(op)}", and ${other.region.name} is no cell of this model: a routine does ops on what ` +
        'the build of its own model has declared',
    );
  }

  /** Refuses what would not run. */
  #admit({ jump, target, kept }: Derived, root: Fed, { length, all }: DerivedHistory): void {
    if (jump !== undefined) admitJump(jump, root, length, all().entered);
    const registers = (kept.at(-1) ?? target - 1) + 1;
    if (registers > this.maxRegisters) {
      throw new ModelError(
        `${root.name} holds ${registers} refs at once; the model allows ${this.maxRegisters} ` +
          '(defineModel({ registers: n }))',
      );
    }
  }
}

function admitJump({ depth, loop, place }: Jump, root: Fed, position: number, entered: readonly Entered[]): void {
  if (depth < 0 || depth > position) {
    throw new ModelError(`${root.name} calls an again() whose here() it has not run; call here() before`);
  }
  const carries = place.first !== undefined;
  const inner = (entered.at(-1)?.loop ?? -1) - (carries ? loop + 1 : loop);
  // Without a result since the head, but after rounds of an inner loop: none of them was without an op.
  if (depth < position || inner >= 0) return;
  const head = carries ? 'its round began' : 'here()';
  throw new ModelError(`${root.name} calls again() without an op since ${head}: it would loop without a step`);
}

/** Whether the generator goes no further from here: what it has not yielded by now it never will. */
function isEnd({ op }: Derived): boolean {
  return op === undefined || isFailure(op.spec);
}

/** What a generator does next, or what it throws. */
function attempted(feeder: Feeder): Derived | Error {
  try {
    return feeder.next();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function signatureOrWords(step: Derived | Error): string {
  return step instanceof Error ? `throws ${step.message}` : signatureOfDerived(step);
}

function textOrWords(step: Derived | Error): string {
  return step instanceof Error ? `the error "${step.message}"` : derivedText(step);
}

function isPowerOfTwo(length: number): boolean {
  return (length & (length - 1)) === 0;
}
