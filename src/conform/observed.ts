/**
 * Observed: what a recording says of a program, event by event, as `conform` holds it against the model.
 *
 * Whoever reads a log makes these of its lines, with the model at hand: a table of observation is a function from lines to
 * events. Knows marks and cells; knows no kernel. Imported by the engine, and by those who read logs.
 */

import type { Op } from '../core/ops/op.js';

/** What an event may look at when it is matched: the state of the model at that moment. */
export interface Look {
  /** What a word of the model holds. */
  word(word: number): number;
  /** The position that a ref names which the mark prints or returns; null for none. */
  position(value: unknown): number | null;
  /** What a mark prints or returns, in order; refs are for `position`. */
  readonly values: readonly unknown[];
  /** What an observer has put down under a number before; 0 where nothing was. */
  noted(slot: number): number;
  /** Puts something down in the state, for events to come. */
  note(slot: number, value: number): void;
}

/** Something that was done after the time of an event, and before anything else that its task did: a late read, an access. */
export interface LaterStep {
  /** What contradicts it in the state in which it is done; undefined for nothing. */
  readonly take: (look: Look) => string | undefined;
}

/** One event of a recording. */
export interface ObservedEvent {
  /** Position of the actor in the program. */
  readonly actor: number;
  /** Which mark of a routine it is the trace of. */
  readonly kind: 'enter' | 'leave' | 'tracepoint';
  readonly name: string;
  /** When; a whole number, ascending for each actor. */
  readonly time: number;
  /** Line in the recording, from 1. */
  readonly line: number;
  /** The event in the recording's words. */
  readonly text: string;
  /** What contradicts it in the state in which the mark is passed; undefined for nothing. */
  readonly check?: (look: Look) => string | undefined;
  /** What was done, one after another, once the mark was passed. */
  readonly later?: readonly LaterStep[];
  /** Which object the routine has claimed when it comes to this event. */
  readonly claims?: number;
}

/** Hears of some ops of a program, right behind each of them. */
export interface OpWatch {
  /** Whether an op is one of these. */
  hears(op: Op<unknown>): boolean;
  /**
   * Puts down what an op has done. `position` is that of the cell or object that it was on; -1 where there was none.
   *
   * @returns the place, among the events that are still to come, of one that contradicts it; undefined for none
   */
  ran(op: Op<unknown>, position: number, look: Look, actor: number, events: EventsToCome): number | undefined;
}

/** Events of an actor that are still to come. */
export interface EventsToCome {
  /** The event at a place: 0 is the next one; undefined behind the last. */
  at(place: number): ObservedEvent | undefined;
}

/** A recording as an observer understands it. */
export interface Observation {
  /** All events, in the order of their times. */
  readonly events: readonly ObservedEvent[];
  /** Marks that the recording would show: `enter NAME`, `leave NAME`, `tracepoint NAME`. All others are passed unseen. */
  readonly visible: ReadonlySet<string>;
  /** Whether it may have lost one of these. */
  readonly optional?: (mark: { readonly name: string; readonly values: readonly unknown[] }) => boolean;
  /** What is put down whenever an actor passes a mark, seen or not. */
  readonly passing?: ReadonlyMap<string, (look: Look, actor: number) => void>;
  /** What is put down when ops have run, whichever routine runs them. */
  readonly watch?: OpWatch;
  /** How many numbers events put down in a state. */
  readonly notes?: number;
  /** The object that an actor claims when no event says which; undefined: the first that fits. */
  readonly spare?: (actor: number) => number;
}
