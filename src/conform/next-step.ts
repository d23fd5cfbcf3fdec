/**
 * Next step: what an actor may do next in a state of the search, and what came of trying it. Made by the walker.
 */

import type { Crossing } from '../core/automaton/passed-marks.js';
import type { StepFootprint } from './step-footprint.js';

/** What an actor does next. */
export type NextStep =
  | { readonly kind: 'late' }
  | { readonly kind: 'mark'; readonly crossing: Crossing; readonly optional: boolean }
  | { readonly kind: 'op'; readonly node: number }
  | { readonly kind: 'end' };

/** What became of a step that was tried. */
export interface Tried {
  /** The states to which it leads. */
  readonly states: readonly Int32Array[];
  /** By state: the event of the actor, counted from its first, that has no explanation from there on; -1 for none. */
  readonly doomed: readonly number[];
  readonly footprint: StepFootprint;
  /** Why it leads to none. */
  readonly refused?: string;
}

/** A step that leads nowhere. */
export function refusal(footprint: StepFootprint, refused: string): Tried {
  return { states: [], doomed: [], footprint, refused };
}

/** A mark as `Observation.visible` names it. */
export function markKey({ kind, name }: { readonly kind: string; readonly name: string }): string {
  return `${kind} ${name}`;
}
