/**
 * Routines: generators that mirror one kernel function each, and the marks they may yield between ops.
 *
 * A mark costs no step: it names the function a step belongs to, the head of a retry loop, or the ends of an atomic
 * section. Imported by everything that writes routines.
 */

import type { Op } from './op.js';

/** A mark between ops. */
export type Mark =
  | { readonly mark: 'enter'; readonly name: string; readonly version: string }
  | { readonly mark: 'leave' }
  | { readonly mark: 'here'; readonly place: Place }
  | { readonly mark: 'again'; readonly place: Place }
  | { readonly mark: 'atomic'; readonly name: string; readonly striped?: true }
  | { readonly mark: 'end-atomic'; readonly value: unknown };

/** The head of a loop as the automaton knows it: how many results the routine had received there. */
export class Place {
  depth = -1;
}

/** What a routine may yield. */
export type Instruction = Op<unknown> | Mark;

/** A running routine; `T` is what it returns. */
export type Routine<T = void> = Generator<Instruction, T, unknown>;

/** Names the kernel function, and its version, that the steps up to the matching `leave` belong to. */
export function* enter(name: string, version = ''): Routine {
  yield { mark: 'enter', name, version };
}

/** Ends the innermost `enter`. */
export function* leave(): Routine {
  yield { mark: 'leave' };
}

/** Runs a routine between `enter` and `leave`. */
export function* within<T>(name: string, version: string, body: () => Routine<T>): Routine<T> {
  yield { mark: 'enter', name, version };
  const value = yield* body();
  yield { mark: 'leave' };
  return value;
}

/**
 * Marks a local state that a retry may go back to: `const again = yield* here()` ... `return yield* again()`.
 * What the routine learned since is forgotten; strategies take the jump as a yield.
 */
export function* here(): Routine<() => Routine<never>> {
  const place = new Place();
  yield { mark: 'here', place };
  return function* again(): Routine<never> {
    yield { mark: 'again', place };
    throw new Error('unreachable: nothing runs past again()');
  };
}

/**
 * Runs the ops of `body` as one step: nothing is scheduled between them. Only the first op may have to wait.
 * For what hardware or an inner spinlock makes atomic; the name is what traces print.
 */
export function* atomic<T>(name: string, body: () => Routine<T>): Routine<T> {
  yield { mark: 'atomic', name };
  const value = yield* body();
  yield { mark: 'end-atomic', value };
  return value;
}

/**
 * As `atomic`, in a model that vouches for its sections (core/program/stripes.ts): on real threads it excludes only
 * sections about the same thing.
 */
export function* striped<T>(name: string, body: () => Routine<T>): Routine<T> {
  yield { mark: 'atomic', name, striped: true };
  const value = yield* body();
  yield { mark: 'end-atomic', value };
  return value;
}
