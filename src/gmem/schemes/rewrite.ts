/**
 * Rewriting: runs a routine as it is written, but for some of its ops. A mutation is made of these, so that it changes a
 * user's routine where it should and leaves the rest of it, whatever it is, alone. Imported by mutations.
 *
 * Rewriters keep their state in local variables of the call, and those start anew with every history that the routine is
 * fed: as with any routine, what was learned before a loop's head is what counts there.
 */

import { ModelError } from '../../core/errors.js';
import { accessesOf } from '../../core/ops/accesses.js';
import type { Region } from '../../core/ops/layout.js';
import type { Op } from '../../core/ops/op.js';
import { Ref } from '../../core/ops/ref.js';
import type { Instruction, Mark, Routine } from '../../core/ops/routine.js';

/** What to run in place of an op, and whose value the routine gets for the op's result. Undefined: the op itself. */
export type Change = (op: Op<unknown>) => Routine<unknown> | undefined;

/** Runs a routine with some of its ops changed. */
export function* rewritten<T>(routine: Routine<T>, change: Change): Routine<T> {
  let answer: unknown;
  for (;;) {
    const { value, done } = routine.next(answer);
    if (done) return value;
    const instead = isOp(value) ? change(value) : undefined;
    answer = instead === undefined ? yield value : yield* instead;
  }
}

/** In place of an op: nothing, and this for its result. */
export function* answering<T>(value: T): Routine<T> {
  return value;
}

/** Whether two ops do the same thing to the same kind of cell, wherever each points. */
export function sameKind({ spec }: Op<unknown>, { spec: other }: Op<unknown>): boolean {
  return spec.code === other.code && arrayOf(spec) === arrayOf(other) && spec.a === other.a && spec.b === other.b;
}

/** The region of an op, or the first one of the array that it is a part of: which page of a block it is on says nothing here. */
function arrayOf({ region }: { readonly region?: Region | undefined }): Region | undefined {
  return region?.part?.first ?? region;
}

/** Stands for any ref in an op that others are compared with. */
export const ANY = new Ref(0, undefined);

/** Whether an op may touch one of these cells. */
export function isOnAny(op: Op<unknown>, cells: readonly { readonly region: Region }[]): boolean {
  return accessesOf(op).some((access) => cells.some((cell) => arrayOf(access) === arrayOf(cell)));
}

/** A wait for a cell, not for a lock. */
export function isWait({ spec }: Op<unknown>): boolean {
  return spec.blocks === true && spec.lock === undefined && spec.result === 'none';
}

/** Which ops to put off, and until when. */
export interface PutOff {
  /** An op to put off; of an atomic section all of it is, if the routine learns nothing in it. */
  early(op: Op<unknown>): boolean;
  /** Asked after each op, with its result: whether what was put off is due once the function it was in goes on. */
  until(op: Op<unknown>, result: unknown): boolean;
  /** Whether an op still belongs to what is waited for, and comes before what was put off. Omitted: none does. */
  unless?(op: Op<unknown>): boolean;
}

/**
 * Runs a routine with some of its ops moved towards its end. One that is put off runs once it is due, in the function
 * that it belongs to; at the latest at the end, before another op on its cell, or where a loop begins or goes round. Ops that
 * have a result stay.
 */
export function puttingOff<T>(routine: Routine<T>, what: PutOff): Routine<T> {
  return new PuttingOff(routine, what).run();
}

/** A function that was entered. */
type Entry = Extract<Mark, { mark: 'enter' }>;

/** What was put off: an op or a whole section, the cells for which it was, and the functions it lies in. */
interface Late {
  readonly what: readonly Instruction[];
  readonly cells: readonly (Region | undefined)[];
  readonly functions: readonly Entry[];
}

/** One run of a routine with ops put off. */
class PuttingOff<T> {
  #late: Late[] = [];
  #due = false;
  #functions: Entry[] = [];
  #sections = 0;

  constructor(
    readonly routine: Routine<T>,
    readonly what: PutOff,
  ) {}

  *run(): Routine<T> {
    let answer: unknown;
    for (;;) {
      const { value, done } = this.routine.next(answer);
      answer = undefined;
      const outside = this.#sections === 0;
      if (done || (outside && (isLoop(value) || this.#isDueBefore(value)))) yield* this.#catchUp();
      if (done) return value;
      if (outside && isOp(value) && isVoid(value) && this.what.early(value)) this.#putOff([value]);
      else if (outside && !isOp(value) && value.mark === 'atomic') answer = yield* this.#section(value);
      else answer = yield* this.#pass(value);
    }
  }

  /** Runs a section up to its first op with a result, or to its end; puts it off if there is no such op. */
  *#section(first: Instruction): Routine<unknown> {
    const met: Instruction[] = [first];
    for (let depth = 1; depth > 0; ) {
      const { value, done } = this.routine.next();
      if (done) throw new ModelError('a routine returns inside its atomic section; it may return from it only');
      met.push(value);
      if (isOp(value) ? !isVoid(value) : value.mark === 'here' || value.mark === 'again') break;
      if (!isOp(value)) depth += value.mark === 'atomic' ? 1 : value.mark === 'end-atomic' ? -1 : 0;
    }
    const last = met[met.length - 1];
    const isWhole = !isOp(last) && last.mark === 'end-atomic';
    if (isWhole && met.some((each) => isOp(each) && this.what.early(each))) {
      this.#putOff(met);
      return undefined;
    }
    if (met.some((each) => isOp(each) && this.#waitsFor(each))) yield* this.#catchUp();
    let answer: unknown;
    for (const each of met) answer = yield* this.#pass(each);
    return answer;
  }

  *#pass(instruction: Instruction): Routine<unknown> {
    if (!isOp(instruction)) {
      this.#follow(instruction);
      return yield instruction;
    }
    if (this.#waitsFor(instruction)) yield* this.#catchUp();
    const answer = yield instruction;
    const isTime = this.what.until(instruction, answer);
    this.#due ||= isTime && this.#late.length > 0;
    return answer;
  }

  #putOff(what: readonly Instruction[]): void {
    const cells = what.flatMap((each) => (isOp(each) && this.what.early(each) ? [each.spec.region] : []));
    this.#late.push({ what, cells, functions: [...this.#functions] });
  }

  /** Runs what was put off, each in its functions: those that the routine has left are entered once more. */
  *#catchUp(): Routine {
    const present = this.#functions;
    let entered: readonly Entry[] = present;
    for (const { what, functions } of this.#late) {
      const own = present.every((each, depth) => functions[depth] === each) ? functions : present;
      yield* goTo(entered, own);
      entered = own;
      yield* what;
    }
    yield* goTo(entered, present);
    this.#late = [];
    this.#due = false;
  }

  /** Whether what was put off has to run now: the function it was in goes on with something else. */
  #isDueBefore(next: Instruction): boolean {
    const depth = Math.min(...this.#late.map(({ functions }) => functions.length));
    return this.#due && this.#functions.length <= depth && !(isOp(next) && this.what.unless?.(next) === true);
  }

  /** Whether an op is on a cell for which something was put off. */
  #waitsFor({ spec }: Op<unknown>): boolean {
    return spec.region !== undefined && this.#late.some(({ cells }) => cells.includes(spec.region));
  }

  #follow(mark: Mark): void {
    if (mark.mark === 'enter') this.#functions.push(mark);
    else if (mark.mark === 'leave') this.#functions.pop();
    else if (mark.mark === 'atomic') this.#sections++;
    else if (mark.mark === 'end-atomic') this.#sections--;
  }
}

/** Leaves functions and enters others, but for the outer ones that both share. */
function* goTo(from: readonly Entry[], to: readonly Entry[]): Routine {
  let shared = 0;
  while (shared < from.length && from[shared] === to[shared]) shared++;
  for (let left = from.length; left > shared; left--) yield { mark: 'leave' };
  yield* to.slice(shared);
}

function isOp(instruction: Instruction): instruction is Op<unknown> {
  return !('mark' in instruction);
}

/** A jump and its goal: what is to run before must not be left to a history that does not know it. */
function isLoop(instruction: Instruction): boolean {
  return !isOp(instruction) && (instruction.mark === 'here' || instruction.mark === 'again');
}

function isVoid({ spec }: Op<unknown>): boolean {
  return spec.result === 'none';
}
