/**
 * Routines: generators that mirror one kernel function each, and the marks they may yield between ops.
 *
 * A mark costs no step: it names the function a step belongs to, the head of a retry loop, or the ends of an atomic
 * section. Imported by everything that writes routines; loops that carry values are in loop.ts.
 */

import { toYield } from './made.js';
import type { Op } from './op.js';
import type { Identity, Ref } from './ref.js';

/** A mark between ops. */
export type Mark =
  | { readonly mark: 'enter'; readonly name: string; readonly version: string }
  | { readonly mark: 'leave'; readonly returned?: string; readonly value?: unknown }
  | { readonly mark: 'tracepoint'; readonly name: string; readonly values: readonly unknown[] }
  | { readonly mark: 'irreversible'; readonly words: string }
  | { readonly mark: 'here'; readonly place: Place }
  | { readonly mark: 'loop'; readonly place: Place }
  | { readonly mark: 'again'; readonly place: Place; readonly round?: CarriedValues }
  | { readonly mark: 'atomic'; readonly name: string; readonly striped?: readonly Ref[] }
  | { readonly mark: 'end-atomic'; readonly value: unknown; readonly returned?: string };

/** What a loop may hand on from round to round: a whole number of 32 bits, a boolean, a string, null, a ref. */
export type Carried = number | boolean | string | null | Ref | Identity;

/** Values by the names under which a loop hands them on. */
export type CarriedValues = { readonly [name: string]: Carried };

/** The head of a loop as the automaton knows it: after how many results, and as which loop of the call. */
export class Place {
  /** Set while the routines of strangers run: what they carry from round to round is looked for in their text. */
  static watched = false;
  /** How many results the routine had received there; -1 until it has been there. */
  depth = -1;
  /** How many loops that carry values the call had begun before. */
  loops = -1;
  /** How many functions the call was in there. */
  functions = 0;
  /** Whether the loop has not been left yet. */
  open = true;
  /** Who marks it, where somebody wants to know. */
  readonly trace = Place.watched ? new Error('a loop begins') : undefined;

  /**
   * @param first what the first round is handed; undefined for `here()`, which hands on nothing
   * @param staged whether its rounds are stages of one pass, and no tries
   */
  constructor(
    readonly first?: CarriedValues,
    readonly staged = false,
  ) {}
}

/** What a routine may yield. */
export type Instruction = Op<unknown> | Mark;

/** A running routine; `T` is what it returns. */
export type Routine<T = void> = Generator<Instruction, T, unknown>;

/** What `yield*` runs to its end: a routine, or an op alone. */
export type Steps<T = void> = Routine<T> | Op<T>;

/** Names the kernel function, and its version, that the steps up to the matching `leave` belong to. */
export function enter(name: string, version = ''): Routine {
  return toYield(`enter("${name}")`, marked({ mark: 'enter', name, version }));
}

/** Ends the innermost `enter`. */
export function leave(): Routine {
  return toYield('leave()', marked({ mark: 'leave' }));
}

/**
 * Says that the routine passes a point which a recording of the real program may show, with what it prints there: refs, or
 * values that the history decides. A mark costs no step; only `conform` looks at it.
 */
export function tracepoint(name: string, ...values: readonly unknown[]): Routine {
  return toYield(`tracepoint("${name}")`, marked({ mark: 'tracepoint', name, values }));
}

function* marked(mark: Mark): Routine {
  yield mark;
}

/** What a function returned in the words of traces; undefined where there is nothing to tell. */
export type ReturnText<T> = (value: T) => string | undefined;

/** Runs a routine between `enter` and `leave`. `told`: what traces print of the value it returns; nothing if left out. */
export function within<T>(name: string, version: string, body: () => Routine<T>, told?: ReturnText<T>): Routine<T> {
  return toYield(`within("${name}")`, entered(name, version, body, told));
}

function* entered<T>(name: string, version: string, body: () => Routine<T>, told?: ReturnText<T>): Routine<T> {
  yield { mark: 'enter', name, version };
  const value = yield* body();
  const returned = told?.(value);
  yield returned === undefined ? { mark: 'leave', value } : { mark: 'leave', returned, value };
  return value;
}

/**
 * Marks a local state that a retry may go back to: `const again = yield* here()` ... `return yield* again()`.
 * What the routine learned since is forgotten; strategies take the jump as a yield. JavaScript cannot put variables
 * back, so a routine that would carry one round such a loop is refused by name: `loop` hands values on.
 */
export function here(): Routine<() => Routine<never>> {
  return toYield('here()', markedPlace());
}

function* markedPlace(): Routine<() => Routine<never>> {
  const place = new Place();
  yield { mark: 'here', place };
  return () => toYield('again()', goneBackTo(place));
}

function* goneBackTo(place: Place): Routine<never> {
  yield { mark: 'again', place };
  throw new Error('unreachable: nothing runs past again()');
}

/**
 * Runs the ops of `body` as one step: nothing is scheduled between them. Only the first op may have to wait.
 * For what hardware or an inner spinlock makes atomic; the name is what traces print. `told`: what they print of the value
 * that it returns, where that is not the value itself.
 */
export function atomic<T>(name: string, body: () => Routine<T>, told?: ReturnText<T>): Routine<T> {
  return toYield(`atomic("${name}")`, section({ mark: 'atomic', name }, body, told));
}

/**
 * As `atomic`, in a model that vouches for its sections (core/program/stripes.ts): on real threads it excludes only
 * sections about the same thing. `about`: what it is about besides the thing that its first op picks its cell by.
 */
export function striped<T>(
  name: string,
  body: () => Routine<T>,
  told?: ReturnText<T>,
  about: readonly Ref[] = [],
): Routine<T> {
  return section({ mark: 'atomic', name, striped: about }, body, told);
}

function* section<T>(begins: Mark, body: () => Routine<T>, told?: ReturnText<T>): Routine<T> {
  yield begins;
  const value = yield* body();
  const returned = told?.(value);
  yield returned === undefined ? { mark: 'end-atomic', value } : { mark: 'end-atomic', value, returned };
  return value;
}
