/**
 * Feeder: runs one generator along a history of results and keeps track of its marks. The automaton asks it what the
 * routine does next; nobody else runs generators. Imported by the automaton only.
 */

import { ModelError } from '../errors.js';
import { effectOf } from '../ops/effect.js';
import { failureOp } from '../ops/failure.js';
import { brokenPromise } from '../ops/irreversible.js';
import { carriedRegisters, carriedText } from '../ops/loop.js';
import type { MadeThings } from '../ops/made.js';
import { type Op, Opcode, opText } from '../ops/op.js';
import { Identity, Ref } from '../ops/ref.js';
import type { CarriedValues, Instruction, Mark, Place, Routine } from '../ops/routine.js';
import { valueText } from '../ops/word-value.js';
import { CallEffect } from './call-effect.js';
import type { Derived, Ended } from './derived.js';
import { type Fed, returned, started } from './fed.js';
import { type Crossing, lockMark } from './passed-marks.js';

/** Marks without an op between them after which a routine is taken to loop: a mark costs no step, so it would never come to one. */
const MOST_MARKS = 100_000;

/** A function in which a step lies; `id` tells two visits of one function apart. */
export interface Frame {
  readonly name: string;
  readonly version: string;
  readonly id: number;
  readonly parent: Frame | undefined;
}

/** A function that was left, and what it returned in the words of traces. */
export interface Left {
  /** How many functions are around it. */
  readonly depth: number;
  readonly returned: string;
}

const NONE_LEFT: readonly Left[] = [];
const NONE_CROSSED: Crossing[] = [];

/** A jump to the head of a loop. */
export interface Jump {
  /** Number of results at the head. */
  readonly depth: number;
  /** How many loops that carry values were begun before this one. */
  readonly loop: number;
  /** What the next round is handed; undefined when the loop carries nothing, or begins with these very values. */
  readonly round: CarriedValues | undefined;
  readonly place: Place;
  /** What the call has done since the head that nobody can undo, where it had done nothing before (CallEffect). */
  readonly effect: string | undefined;
}

/** A round of a loop that did not begin with the values that the loop was begun with. */
export interface Entered {
  readonly loop: number;
  readonly round: CarriedValues;
}

/** Looks at the text of routines. */
export interface LoopWatch {
  /** Of one that begins a loop. @throws ModelError for one that carries variables besides */
  begins(place: Place, routine: string): void;
  /**
   * Of one that has made something and not yielded it: the line where it was dropped; undefined if somebody keeps it.
   *
   * @param isFailed whether something was wrong with a value then, which whoever keeps it may have handed on
   */
  dropped(made: Error, isFailed?: boolean): string | undefined;
}

/** What is so at the head of a loop, whatever its rounds do. */
interface Head {
  readonly frame: Frame | undefined;
  readonly target: number;
  readonly kept: readonly number[];
}

/** Runs one generator; `next` and `feed` are called in turn. */
export class Feeder {
  readonly #generator: Routine<unknown>;
  #sent: unknown = undefined;
  #results = 0;
  /** The op that was answered last. */
  #last: Op<unknown> | undefined;
  #frame: Frame | undefined;
  #frames = 0;
  /** Loops begun so far that carry values. */
  #loops = 0;
  #entered: readonly Entered[];
  readonly #heads = new Map<Place, Head>();
  #target: number;
  #kept: readonly number[] = [];
  #atomics: string[] = [];
  #striped: readonly Ref[] | undefined;
  #opsInAtomic = 0;
  #ended: Ended | undefined;
  readonly #effect: CallEffect;
  #left: readonly Left[] = NONE_LEFT;
  #crossed: Crossing[] = NONE_CROSSED;
  #crossedBefore = -1;
  /** The op that was answered last, where it got a lock; whether it was put into a lock's queue. */
  #got: Op<unknown> | undefined;
  #isQueued = false;

  /**
   * @param entered the rounds that loops are in, where it is not the first, in the order of the loops
   * @param watch asked about loops whose place has a trace
   * @param made notes what is made and yielded
   * @param notesCrossings whether somebody wants to know what is passed between two ops
   */
  constructor(
    readonly fed: Fed,
    entered: readonly Entered[] = [],
    readonly watch?: LoopWatch,
    readonly made?: MadeThings,
    readonly notesCrossings = false,
  ) {
    this.#entered = entered;
    this.#effect = new CallEffect(entered);
    let registers = 0;
    const args = fed.args.map((arg) => (arg instanceof Identity ? new Ref(registers++, arg.domain) : arg));
    this.#target = registers;
    this.#generator = started(fed, args);
    if (this.#generator !== null && typeof this.#generator === 'object' && Symbol.asyncIterator in this.#generator) {
      throw new ModelError(
        `${fed.name} is an async generator; write function* ${fed.name}(): a routine awaits nothing but ops`,
      );
    }
    if (typeof this.#generator?.next !== 'function') {
      throw new ModelError(`${fed.name} is not a generator function; write function* ${fed.name}()`);
    }
  }

  /** Goes on to the next op, jump or return. */
  next(): Derived {
    this.#ended = undefined;
    this.#left = NONE_LEFT;
    this.#crossed = NONE_CROSSED;
    this.#crossedBefore = -1;
    if (this.notesCrossings && this.#got !== undefined) this.#cross(lockMark(this.#got, ' returns'));
    for (let marks = 0; ; marks++) {
      let step: IteratorResult<Instruction, unknown>;
      try {
        const { made } = this;
        step =
          made === undefined ? this.#generator.next(this.#sent) : made.during(() => this.#generator.next(this.#sent));
      } catch (error) {
        return this.#op(failureOp(this.#noted(error), this.fed.name));
      }
      this.#sent = undefined;
      const { value, done } = step;
      if (done) return this.#return(returned(this.fed.name, value));
      const instruction = value as Instruction;
      if (instruction === null || typeof instruction !== 'object') {
        throw new ModelError(`${this.fed.name} yielded ${valueText(instruction)}; yield* an op instead`);
      }
      if ('spec' in instruction) return this.#op(instruction);
      if (!('mark' in instruction)) {
        const isRoutine = typeof (instruction as Routine).next === 'function';
        const what = isRoutine
          ? 'a routine; write yield* before it'
          : `${valueText(instruction)}; yield* an op instead`;
        throw new ModelError(`${this.fed.name} yielded ${what}`);
      }
      if (instruction.mark === 'again') {
        this.#notInAtomic('again');
        return this.#derived('again', { jump: jumpTo(instruction, this.#effect.since(instruction.place)) });
      }
      this.#mark(instruction);
      if (marks === MOST_MARKS) {
        const since = this.#last === undefined ? 'its start' : `"${opText(this.#last)}"`;
        throw new ModelError(
          `${this.fed.name} has yielded ${MOST_MARKS} marks and no op since ${since}; it would loop without a step`,
        );
      }
    }
  }

  /** Goes round a loop as the program reads: `next` runs its body once more where it stands. */
  goRound({ place, depth, loop, round = place.first }: Jump): void {
    const head = this.#heads.get(place);
    if (head === undefined || round === undefined) throw new Error('only a loop that carries values can be gone round');
    this.#results = depth;
    this.#loops = loop + 1;
    this.#entered = this.#entered.filter((entered) => entered.loop < loop);
    this.#frame = head.frame;
    this.#keep(head, round);
  }

  /** Answers the op that `next` returned. */
  feed(op: Op<unknown>, result: number): void {
    this.#results++;
    this.#last = op;
    this.#effect.noted = undefined;
    const action = op.spec.lock?.action;
    this.#got = action === 'acquire' || (action === 'queue' && result !== 0) ? op : undefined;
    this.#isQueued = action === 'queue' && result === 0;
    switch (op.spec.result) {
      case 'number':
        this.#sent = result;
        break;
      case 'boolean':
        this.#sent = result !== 0;
        break;
      case 'ref':
        this.#sent = result === 0 ? null : new Ref(this.#allot(), op.spec.domain);
        break;
      case 'raw':
        this.#sent = new Ref(this.#allot(), undefined);
        break;
      default:
        this.#sent = undefined;
    }
    if (op.spec.irreversible !== undefined) this.#effect.note(effectOf(op.spec.irreversible, this.#sent));
  }

  #return(value: number): Derived {
    const { errors, name } = this.fed;
    const { words } = this.#effect;
    const broken = errors && words !== undefined ? brokenPromise(name, value, errors, words) : undefined;
    return broken === undefined ? this.#derived('return', { value }) : this.#op(broken);
  }

  /** A loop's values are frozen: whoever changes them in place is not wrong about cells, but about loops. */
  #noted(error: unknown): unknown {
    if (this.#heads.size === 0 || !(error instanceof TypeError) || !/read only|not extensible/.test(error.message))
      return error;
    return new ModelError(
      `${this.fed.name}: ${error.message}; the values of a round do not change: hand on others by again({ ... })`,
    );
  }

  #op(op: Op<unknown>): Derived {
    const continues = this.#atomics.length > 0 && this.#opsInAtomic++ > 0;
    // A schedule answers the choice that an actor is about to make; one in the middle of a step would go unanswered.
    if (continues && op.spec.code === Opcode.Choose) {
      throw new ModelError(
        `${this.fed.name} chooses "${op.spec.label}" inside ${this.#atomics[0]}; ` +
          'a choice must be the first op of an atomic section',
      );
    }
    const action = op.spec.lock?.action;
    // Who is in the queue has asked already; a try that fails leaves no trace.
    const asks = action === 'queue' || (action === 'acquire' && !this.#isQueued);
    if (this.notesCrossings && (asks || action === 'release')) this.#cross(lockMark(op));
    return this.#derived('op', { op, continues });
  }

  #mark(mark: Exclude<Mark, { mark: 'again' }>): void {
    switch (mark.mark) {
      case 'enter':
        this.#frame = { name: mark.name, version: mark.version, id: this.#frames++, parent: this.#frame };
        if (this.notesCrossings) this.#cross({ kind: 'enter', name: mark.name, values: [] });
        break;
      case 'tracepoint':
        if (this.notesCrossings) this.#cross({ kind: 'tracepoint', name: mark.name, values: mark.values });
        break;
      case 'leave':
        if (this.notesCrossings) this.#cross({ kind: 'leave', name: this.#frame?.name ?? '', values: [mark.value] });
        this.#frame = this.#frame?.parent;
        if (mark.returned !== undefined) {
          this.#left = [...this.#left, { depth: depthOf(this.#frame), returned: mark.returned }];
        }
        break;
      case 'irreversible':
        this.#effect.note(mark.words);
        break;
      case 'here':
        this.#begin('here', mark.place);
        break;
      case 'loop':
        this.#begin('loop', mark.place);
        this.#enter(mark.place);
        break;
      case 'atomic':
        if (this.#atomics.length === 0) {
          this.#opsInAtomic = 0;
          this.#striped = mark.striped;
        }
        this.#atomics.push(mark.name);
        break;
      case 'end-atomic':
        this.#atomics.pop();
        if (this.#atomics.length === 0 && this.#opsInAtomic > 0) {
          const { value, returned } = mark;
          this.#ended = { value, returned };
        }
        break;
    }
  }

  #cross(crossing: Crossing): void {
    // A routine may pass very many of them without an op.
    if (this.#crossed.length === 0) this.#crossed = [crossing];
    else this.#crossed.push(crossing);
  }

  #begin(mark: string, place: Place): void {
    this.#notInAtomic(mark);
    this.#crossedBefore = this.#crossed.length;
    place.depth = this.#results;
    place.loops = this.#loops;
    place.functions = functionsAround(this.#frame);
    this.#effect.atHead(place, this.#results);
    if (place.trace !== undefined) this.watch?.begins(place, this.fed.name);
  }

  /** Hands a loop the values of the round that is fed. */
  #enter(place: Place): void {
    const head = { frame: this.#frame, target: this.#target, kept: this.#kept };
    this.#heads.set(place, head);
    const loop = this.#loops++;
    const round = this.#entered.find((entered) => entered.loop === loop)?.round;
    if (round !== undefined) this.#keep(head, round);
    this.#sent = round ?? place.first;
  }

  /** Frees the registers of the round before, but for those of the refs that it hands on. */
  #keep({ target, kept }: Head, round: CarriedValues): void {
    const used = new Set([...kept, ...carriedRegisters(round).filter((register) => register >= target)]);
    this.#target = target;
    this.#kept = [...used].sort((left, right) => left - right);
    this.#settle();
  }

  /** The register of the next ref. */
  #allot(): number {
    const register = this.#target++;
    if (this.#kept.length > 0) this.#settle();
    return register;
  }

  #settle(): void {
    while (this.#kept[0] === this.#target) {
      this.#kept = this.#kept.slice(1);
      this.#target++;
    }
  }

  #notInAtomic(mark: string): void {
    if (this.#atomics.length === 0) return;
    throw new ModelError(
      `${this.fed.name} calls ${mark}() inside ${this.#atomics[0]}; an atomic section is one step and cannot loop`,
    );
  }

  // One literal for all kinds: this runs twice for every op of a program, and a spread costs more than the op.
  #derived(
    kind: Derived['kind'],
    { op, value = 0, jump, continues = false }: Partial<Pick<Derived, 'op' | 'value' | 'jump' | 'continues'>>,
  ): Derived {
    const isInAtomic = this.#atomics.length > 0;
    return {
      kind,
      op,
      value,
      jump,
      frame: this.#frame,
      atomic: isInAtomic ? this.#atomics[0] : undefined,
      striped: isInAtomic ? this.#striped : undefined,
      continues,
      target: this.#target,
      kept: this.#kept,
      ended: this.#ended,
      left: this.#left,
      effect: this.#effect.noted,
      crossed: this.#crossed,
      crossedInLoop: this.#crossedBefore < 0 ? 0 : this.#crossed.length - this.#crossedBefore,
    };
  }
}

function depthOf(innermost: Frame | undefined): number {
  let depth = 0;
  for (let frame = innermost; frame !== undefined; frame = frame.parent) depth++;
  return depth;
}

/** What an `again` leads to; a round like the first one is the first one. */
function jumpTo({ place, round }: Extract<Mark, { mark: 'again' }>, effect: string | undefined): Jump {
  const { depth, loops: loop, first } = place;
  const isFirst = round === undefined || (first !== undefined && carriedText(first) === carriedText(round));
  return { depth, loop, round: isFirst ? undefined : round, place, effect };
}

/** How many functions a frame lies in, with its own. */
function functionsAround(frame: Frame | undefined): number {
  let count = 0;
  for (let each = frame; each !== undefined; each = each.parent) count++;
  return count;
}
