/**
 * Deadlock: who waits for what and who is in the way, read off the holder words: of all when nobody can run, else of those
 * who cannot.
 *
 * A queued writer stops later readers, so it is in their way as a holder is. Used by traces.
 */

import { DONE, Field, Flag } from '../automaton/automaton.js';
import { unpackLatch } from '../ops/latch.js';
import { type LockRole, Opcode } from '../ops/op.js';
import type { Executor } from '../run/executor.js';
import type { TraceFrame } from './open-frames.js';
import { labelText } from './operand-text.js';

/** Why an actor is in another's way. */
export type BlockerRole = LockRole | 'earlier call';

/** An actor that is in the way of another. */
export interface Blocker {
  readonly actor: number;
  readonly as: BlockerRole;
}

/** An actor that cannot go on. */
export interface Waiter {
  readonly actor: number;
  /** Position of its call in its script. */
  readonly call: number;
  readonly callName: string;
  /** The functions it is in, outermost first. */
  readonly frames: readonly TraceFrame[];
  /** The op it waits in, as traces print it. */
  readonly text: string;
  /** The lock it waits for; undefined when it waits for something else. */
  readonly lock: { readonly name: string; readonly mode: 'read' | 'write' | undefined } | undefined;
  /** Ascending by actor. Empty when it waits for a value that nobody holds. */
  readonly blockers: readonly Blocker[];
}

/** Actors of which none can go on. */
export interface Deadlock {
  /** Every actor that should have finished, and daemons that are in somebody's way; ascending. */
  readonly waiters: readonly Waiter[];
  /** Actors each of which waits for the next and the last for the first; the shortest such ring. Empty if there is none. */
  readonly cycle: readonly number[];
}

/** By the number of its words, for a latch whose ops do not say what its words hold. */
const ROLES: readonly (readonly LockRole[])[] = [
  [],
  ['holder'],
  ['reader', 'writer'],
  ['reader', 'writer', 'queued writer'],
];

/**
 * Reads off an executor who cannot run; where nobody can, that is a deadlock. `framesOf` gives the functions an actor is
 * in.
 */
export function deadlockOf(executor: Executor, framesOf: (actor: number) => readonly TraceFrame[]): Deadlock {
  const all = Array.from({ length: executor.actors }, (_, actor) => actor)
    .filter((actor) => executor.nodeOf(actor) !== DONE && !executor.canRun(actor))
    .map((actor) => waiterOf(executor, actor, framesOf(actor)));
  const cycle = shortestCycle(all);
  const inTheWay = new Set(all.flatMap(({ blockers }) => blockers.map(({ actor }) => actor)));
  const waiters = all.filter(({ actor }) => !executor.scriptOf(actor).daemon || inTheWay.has(actor));
  return { waiters, cycle };
}

/** Every actor at an op that may have to wait, whether it does now or not; ascending. */
export function waitersOf(executor: Executor, framesOf: (actor: number) => readonly TraceFrame[]): readonly Waiter[] {
  const { nodes } = executor.automaton;
  return Array.from({ length: executor.actors }, (_, actor) => actor)
    .filter((actor) => (nodes[executor.nodeOf(actor) + Field.flags] & Flag.Blocks) !== 0)
    .map((actor) => waiterOf(executor, actor, framesOf(actor)));
}

function waiterOf(executor: Executor, actor: number, frames: readonly TraceFrame[]): Waiter {
  const call = executor.callsOf(actor);
  const { name: callName, after, root } = executor.scriptOf(actor).calls[call];
  const where = { actor, call, callName, frames };
  const node = executor.nodeOf(actor);
  const missing = after.filter((constraint) => executor.callsOf(constraint.actor) < constraint.calls);
  if (node === root.node && missing.length > 0) {
    const blockers = missing.map((constraint): Blocker => ({ actor: constraint.actor, as: 'earlier call' }));
    return { ...where, frames: [], text: `start of ${callName}`, lock: undefined, blockers };
  }
  const { automaton, layout } = executor.program;
  const { atomic } = automaton.info(node);
  const { spec } = automaton.opOf(node);
  const word = executor.pendingWord(actor);
  const op = { node, spec, word, registers: registersOf(executor, actor) };
  const text = labelText(atomic ?? spec.label, automaton, layout, op);
  if (spec.code !== Opcode.Latch || word < 0) return { ...where, text, lock: undefined, blockers: [] };
  const mode = (spec.region?.width ?? 1) === 1 ? undefined : spec.lock?.mode;
  return {
    ...where,
    text,
    lock: { name: layout.nameOf(word), mode },
    blockers: latchBlockers(executor, node, word),
  };
}

/** The actors whose bits are in the words that must be empty; a task may well be in its own way. */
function latchBlockers(executor: Executor, node: number, word: number): Blocker[] {
  const { nodes } = executor.automaton;
  const { waitsFor } = unpackLatch(nodes[node + Field.a]);
  const width = nodes[node + Field.b];
  const roles = executor.automaton.opOf(node).spec.lock?.roles ?? ROLES[Math.min(width, ROLES.length - 1)];
  const found: Blocker[] = [];
  for (let other = 0; other < executor.actors; other++) {
    for (let part = 0; part < width; part++) {
      const bits = executor.state[word + part * nodes[node + Field.stride]];
      if (((waitsFor >> part) & 1) === 0 || (bits & (1 << other)) === 0) continue;
      found.push({ actor: other, as: roles[Math.min(part, roles.length - 1)] });
    }
  }
  return found;
}

/** The registers an actor holds now. */
export function registersOf(executor: Executor, actor: number): Int32Array {
  const first = executor.registerWord(actor, 0);
  return executor.state.slice(first, first + executor.program.registers);
}

function shortestCycle(waiters: readonly Waiter[]): readonly number[] {
  const next = new Map(waiters.map(({ actor, blockers }) => [actor, blockers.map((blocker) => blocker.actor)]));
  let shortest: readonly number[] = [];
  for (const { actor } of waiters) {
    const cycle = cycleThrough(actor, next);
    if (cycle.length > 0 && (shortest.length === 0 || cycle.length < shortest.length)) shortest = cycle;
  }
  return shortest;
}

/** Breadth first from `start` back to it. */
function cycleThrough(start: number, next: ReadonlyMap<number, readonly number[]>): readonly number[] {
  const paths: number[][] = [[start]];
  const seen = new Set([start]);
  for (const path of paths) {
    for (const actor of next.get(path[path.length - 1]) ?? []) {
      if (actor === start) return path;
      if (seen.has(actor)) continue;
      seen.add(actor);
      paths.push([...path, actor]);
    }
  }
  return [];
}
