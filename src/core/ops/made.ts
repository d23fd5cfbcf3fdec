/**
 * Made: what a routine has made and not yielded yet. An op that is made does nothing, and neither does a routine that is
 * called: `c.write(1)` without `yield*` is a step that never happens, and a model without it may well be verified. So the
 * deriver has the ops of a stranger's routine noted while it runs, and refuses one that comes to its end with some left.
 * Written to by ops and by the routines of the library; read by the automaton alone.
 */

import type { Routine } from './routine.js';

/** Any function that makes routines. */
type RoutineMaker = (...args: never[]) => Routine<unknown>;

const GeneratorFunction = Object.getPrototypeOf(function* () {}).constructor as new () => object;

/** The functions behind those whose routines are noted, as strangers call them. */
const noted = new WeakMap<object, unknown>();

/** Something that was made and has to be yielded. */
export interface Made {
  /** For people: `c = 1`, `atomic("look")`. */
  readonly text: () => string;
  /** Where it was made, if that was asked for. */
  readonly trace: Error | undefined;
}

const NOTHING: readonly Made[] = [];

let making: MadeThings | undefined;

/** What one generator makes. */
export class MadeThings {
  readonly #things = new Map<object, Made>();

  /** @param traced whether it is noted where each was made */
  constructor(readonly traced = false) {}

  /** Runs a part of the generator, and notes what is made and yielded meanwhile. */
  during<T>(work: () => T): T {
    const before = making;
    making = this;
    try {
      return work();
    } finally {
      making = before;
    }
  }

  /** What was not yielded, in the order in which it was made. */
  get left(): readonly Made[] {
    return this.#things.size === 0 ? NOTHING : [...this.#things.values()];
  }

  add(thing: object, text: () => string): void {
    this.#things.set(thing, { text, trace: this.traced ? new Error('made') : undefined });
  }

  delete(thing: object): void {
    this.#things.delete(thing);
  }
}

/** Something was made that has to be yielded. */
export function noteMade(thing: object, text: () => string): void {
  making?.add(thing, text);
}

/** It is yielded, or it is a part of something else that has to be. */
export function noteYielded(thing: object): void {
  making?.delete(thing);
}

/** A routine of the library as a model calls it, which must not forget to yield it. */
export function toYield<T>(text: string, routine: Routine<T>): Routine<T> {
  // One that was handed on by another function of the library is noted already.
  if (making === undefined || Object.hasOwn(routine, Symbol.iterator)) return routine;
  making.add(routine, () => text);
  const value = () => {
    noteYielded(routine);
    return routine;
  };
  return Object.defineProperty(routine, Symbol.iterator, { value });
}

/** Whether a value is a generator function. */
export function isRoutineMaker(value: unknown): value is RoutineMaker {
  return value instanceof GeneratorFunction;
}

/** A function of the library that makes routines, as strangers call it: they must not forget to yield them. */
export function notedMaker<F extends RoutineMaker>(name: string, maker: F): F {
  if (noted.has(maker)) return maker;
  function made(this: unknown, ...args: never[]): unknown {
    const routine = maker.apply(this, args);
    // A stranger's function may return anything.
    return isGenerator(routine) ? toYield(`${name}()`, routine) : routine;
  }
  noted.set(made, maker);
  return Object.defineProperty(made, 'name', { value: maker.name }) as unknown as F;
}

/** The function itself, of one that was handed out so that its routines are noted. */
export function bareMaker(maker: unknown): unknown {
  return noted.get(maker as object) ?? maker;
}

function isGenerator(value: unknown): value is Routine<unknown> {
  return typeof (value as Partial<Routine> | null | undefined)?.next === 'function';
}
