/**
 * Feeder: runs one generator along a history of results and keeps track of its marks. The automaton asks it what the
 * routine does next; nobody else runs generators. Imported by the automaton only.
 */

import { ModelError } from '../errors.js';
import { type Op, Opcode, opText, signatureOf } from '../ops/op.js';
import { Identity, Ref } from '../ops/ref.js';
import type { Instruction, Mark, Routine } from '../ops/routine.js';
import { isWord, valueText, WORD_RANGE } from '../ops/word-value.js';

/** Marks without an op between them after which a routine is taken to loop: a mark costs no step, so it would never come to one. */
const MOST_MARKS = 100_000;

/** A function in which a step lies; `id` tells two visits of one function apart. */
export interface Frame {
  readonly name: string;
  readonly version: string;
  readonly id: number;
  readonly parent: Frame | undefined;
}

/** What the feeder runs: a routine with its arguments, identities among them standing for refs. */
export interface Fed {
  readonly name: string;
  readonly routine: (...args: never[]) => Routine<unknown>;
  readonly args: readonly unknown[];
}

/** What a history leads to. */
export interface Derived {
  readonly kind: 'op' | 'return' | 'again';
  /** The pending op, if it is one. */
  readonly op: Op<unknown> | undefined;
  /** What the call returned. */
  readonly value: number;
  /** Number of results at the head of the loop that is gone back to. */
  readonly depth: number;
  readonly frame: Frame | undefined;
  /** Name of the outermost atomic section the op lies in. */
  readonly atomic: string | undefined;
  /** Whether the model vouches for that section (core/program/stripes.ts). */
  readonly striped: boolean;
  /** The op is not the first of its atomic section. */
  readonly continues: boolean;
  /** Registers in use. */
  readonly registers: number;
  /** Value of an atomic section that ended just before. */
  readonly ended: { readonly value: unknown } | undefined;
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
  #registers: number;
  #atomics: string[] = [];
  #striped = false;
  #opsInAtomic = 0;
  #ended: { value: unknown } | undefined;

  constructor(readonly fed: Fed) {
    let registers = 0;
    const args = fed.args.map((arg) => (arg instanceof Identity ? new Ref(registers++, arg.domain) : arg));
    this.#registers = registers;
    this.#generator = started(fed, args);
    if (typeof this.#generator?.next !== 'function') {
      throw new ModelError(`${fed.name} is not a generator function; write function* ${fed.name}()`);
    }
  }

  /** Goes on to the next op, jump or return. */
  next(): Derived {
    this.#ended = undefined;
    for (let marks = 0; ; marks++) {
      const { value, done } = this.#generator.next(this.#sent);
      this.#sent = undefined;
      if (done) return this.#derived('return', { value: returned(this.fed.name, value) });
      const instruction = value as Instruction;
      if (instruction === null || typeof instruction !== 'object') {
        throw new ModelError(`${this.fed.name} yielded ${valueText(instruction)}; yield* an op instead`);
      }
      if (!('mark' in instruction)) return this.#op(instruction);
      if (instruction.mark === 'again') {
        this.#notInAtomic('again');
        return this.#derived('again', { depth: instruction.place.depth });
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

  /** Answers the op that `next` returned. */
  feed(op: Op<unknown>, result: number): void {
    this.#results++;
    this.#last = op;
    switch (op.spec.result) {
      case 'number':
        this.#sent = result;
        break;
      case 'boolean':
        this.#sent = result !== 0;
        break;
      case 'ref':
        this.#sent = result === 0 ? null : new Ref(this.#registers++, op.spec.domain);
        break;
      case 'raw':
        this.#sent = new Ref(this.#registers++, undefined);
        break;
      default:
        this.#sent = undefined;
    }
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
    return this.#derived('op', { op, continues });
  }

  #mark(mark: Exclude<Mark, { mark: 'again' }>): void {
    switch (mark.mark) {
      case 'enter':
        this.#frame = { name: mark.name, version: mark.version, id: this.#frames++, parent: this.#frame };
        break;
      case 'leave':
        this.#frame = this.#frame?.parent;
        break;
      case 'here':
        this.#notInAtomic('here');
        mark.place.depth = this.#results;
        break;
      case 'atomic':
        if (this.#atomics.length === 0) {
          this.#opsInAtomic = 0;
          this.#striped = mark.striped === true;
        }
        this.#atomics.push(mark.name);
        break;
      case 'end-atomic':
        this.#atomics.pop();
        if (this.#atomics.length === 0 && this.#opsInAtomic > 0) this.#ended = { value: mark.value };
        break;
    }
  }

  #notInAtomic(mark: string): void {
    if (this.#atomics.length === 0) return;
    throw new ModelError(
      `${this.fed.name} calls ${mark}() inside ${this.#atomics[0]}; an atomic section is one step and cannot loop`,
    );
  }

  #derived(kind: Derived['kind'], rest: Partial<Derived>): Derived {
    return {
      kind,
      op: undefined,
      value: 0,
      depth: 0,
      frame: this.#frame,
      atomic: this.#atomics[0],
      striped: this.#atomics.length > 0 && this.#striped,
      continues: false,
      registers: this.#registers,
      ended: this.#ended,
      ...rest,
    };
  }
}

/** What identifies a derived step. */
export function signatureOfDerived({ kind, op, depth, value }: Derived): string {
  if (op !== undefined) return signatureOf(op);
  return kind === 'again' ? `again ${depth}` : `return ${value}`;
}

/** A derived step for error messages. */
export function derivedText({ kind, op, value }: Derived): string {
  if (op !== undefined) return `"${opText(op)}"`;
  return kind === 'again' ? 'again()' : `return ${value}`;
}

/** The generator. One that is called runs nothing yet; so what throws now is a function that runs its ops' makers at once. */
function started({ name, routine }: Fed, args: readonly unknown[]): Routine<unknown> {
  try {
    return routine(...(args as never[]));
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    throw new ModelError(`${error.message} (${name} is not a generator function; function* ${name}() may be meant)`);
  }
}

function returned(name: string, value: unknown): number {
  if (value === undefined) return 0;
  if (isWord(value)) return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  throw new ModelError(`${name} returned ${valueText(value)}; a call returns ${WORD_RANGE}, a boolean or nothing`);
}
