/**
 * Op places: the line of the user's file at which an op of a trace is made. Found when somebody asks, and kept by local
 * state. Written to by the trace recorder; read by trace documents.
 */

import type { Automaton } from '../automaton/automaton.js';
import { stackOfOp } from '../automaton/op-stacks.js';
import type { StackLine } from '../stack-lines.js';
import { userPlace } from '../user-line.js';
import type { TraceOp } from './trace.js';

const nodes = new WeakMap<TraceOp, { readonly automaton: Automaton; readonly node: number }>();
const places = new WeakMap<Automaton, Map<number, StackLine | undefined>>();

/** An op of a trace was executed at a local state. */
export function noteOpNode(op: TraceOp, automaton: Automaton, node: number): void {
  nodes.set(op, { automaton, node });
}

/** The innermost line of the user's that makes the op; undefined where nobody but us does. */
export function placeOfOp(op: TraceOp): StackLine | undefined {
  const at = nodes.get(op);
  if (at === undefined) return undefined;
  const { automaton, node } = at;
  const known = places.get(automaton) ?? new Map<number, StackLine | undefined>();
  places.set(automaton, known);
  if (!known.has(node)) known.set(node, userPlace(stackOfOp(automaton, node) ?? ''));
  return known.get(node);
}
