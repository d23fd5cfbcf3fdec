/**
 * Deadlock: who waits for what and who is in the way, read off the holder words: of all when nobody can run, else of those
 * who cannot.
 *
 * A queued writer stops later readers, so it is in their way as a holder is. Whoever waits in a ring, behind one, or for
 * the lock of a task that has finished is stuck whatever others do (core/run/stuck.ts). Used by traces.
 */

import { DONE, Field, Flag } from '../automaton/automaton.js';
import { accessesOf, latchUpdateOf } from '../ops/accesses.js';
import { LatchMode, unpackLatch } from '../ops/latch.js';
import { type LockRole, type Op, Opcode } from '../ops/op.js';
import { Identity, Ref } from '../ops/ref.js';
import { bitOfActor, planeOfActor } from '../program/program.js';
import type { Executor } from '../run/executor.js';
import { StuckActors } from '../run/stuck.js';
import type { HeldLock } from './held-locks.js';
import type { TraceFrame } from './open-frames.js';
import { heldText, labelText } from './operand-text.js';

/** Why an actor is in another's way. */
export type BlockerRole = LockRole | 'earlier call';

/** An actor that is in the way of another. */
export interface Blocker {
  readonly actor: number;
  readonly as: BlockerRole;
  /** Whether it takes no step any more. */
  readonly finished: boolean;
}

/** An actor that cannot go on. */
export interface Waiter {
  readonly actor: number;
  /** Position of its call in its script. */
  readonly call: number;
  readonly callName: string;
  /** The functions it is in, outermost first. */
  readonly frames: readonly TraceFrame[];
  /** The op it waits in, or the section that begins with it, as traces print it. */
  readonly text: string;
  /** The op that begins the section; undefined when `text` says it. */
  readonly first: string | undefined;
  /** The lock it waits for; undefined when it waits for something else. */
  readonly lock: { readonly name: string; readonly mode: 'read' | 'write' | undefined } | undefined;
  /** Ascending by actor. Empty when it waits for a value that nobody holds. */
  readonly blockers: readonly Blocker[];
  /** What it sees of the cells that it waits for: `flag is 0`, `lock is held by T2`. Empty when it waits for a lock. */
  readonly sees: readonly string[];
  /** The words of these, but for those of locks. */
  readonly cells: readonly number[];
  /** Actors that hold a lock whose holders it looks at, without waiting for the lock itself. */
  readonly watches: readonly number[];
}

/** Actors of which none can go on. */
export interface Deadlock {
  /** Every actor that should have finished, daemons that are in somebody's way, and daemons that wait for a lock; ascending. */
  readonly waiters: readonly Waiter[];
  /**
   * Actors each of which waits for the next and the last for the first; the shortest such ring. Where there is none, one with
   * an actor that waits for a cell which the next would change (spins.ts). Empty if there is none of these either.
   */
  readonly cycle: readonly number[];
  /**
   * By whom it is told from others: the ring; else those that wait for one who has finished; else all that should go on and
   * who is in their way.
   */
  readonly core: readonly number[];
  /** Whether other actors can go on. */
  readonly othersRun: boolean;
}

/** By the number of its words, for a latch whose ops do not say what its words hold. */
export const LATCH_ROLES: readonly (readonly LockRole[])[] = [
  [],
  ['holder'],
  ['reader', 'writer'],
  ['reader', 'writer', 'queued writer'],
];

/**
 * Reads off an executor who cannot run; where nobody can, that is a deadlock. Where some can and somebody who must finish
 * is stuck, it is one of those who are stuck. `framesOf` gives the functions an actor is in, `heldBy` the locks that are
 * made of cells which it has taken, as far as somebody followed its steps.
 */
export function deadlockOf(
  executor: Executor,
  framesOf: (actor: number) => readonly TraceFrame[],
  heldBy?: (actor: number) => readonly HeldLock[],
): Deadlock {
  const known = deadlockIn(executor, framesOf, undefined);
  if (heldBy === undefined || !known.waiters.some(({ lock, blockers }) => lock !== undefined && blockers.length === 0))
    return known;
  // Runs are told apart by what their states say: holders that only the steps of this run show are for its readers.
  return { ...deadlockIn(executor, framesOf, heldBy), core: known.core };
}

function deadlockIn(
  executor: Executor,
  framesOf: (actor: number) => readonly TraceFrame[],
  heldBy: ((actor: number) => readonly HeldLock[]) | undefined,
): Deadlock {
  const isRequired = (actor: number): boolean => !executor.scriptOf(actor).daemon;
  const othersRun = executor.runnableCount > 0;
  const stuck = new StuckActors(executor);
  const among = othersRun && stuck.deadlocked ? stuck.all : stuck.sets.everyone;
  const all = Array.from({ length: executor.actors }, (_, actor) => actor)
    .filter((actor) => executor.nodeOf(actor) !== DONE && !executor.canRun(actor) && stuck.sets.has(among, actor))
    .map((actor) => waiterOf(executor, actor, framesOf(actor)))
    .map((waiter) => (heldBy === undefined ? waiter : besideHolders(executor, waiter, heldBy)));
  const needed = reachedFrom(
    all.filter(({ actor }) => isRequired(actor)),
    all,
  );
  const strict = shortestCycle(needed, ({ blockers }) => blockers.map(({ actor }) => actor));
  // Who looks at the holders of a lock may go on without it, but not where nobody can run.
  const cycle = strict.length > 0 || othersRun ? strict : shortestCycle(needed, inTheWayOf);
  const inTheWay = new Set([...cycle, ...all.flatMap(({ blockers }) => blockers.map(({ actor }) => actor))]);
  const due = all.map(({ actor }) => actor).filter((actor) => isRequired(actor) || inTheWay.has(actor));
  const orphans = needed.filter(({ blockers }) => blockers.some(({ finished }) => finished));
  const known = cycle.length > 0 ? cycle : orphans.map(({ actor }) => actor);
  return {
    waiters: all.filter(({ actor, blockers }) => due.includes(actor) || blockers.length > 0),
    ...{ cycle, othersRun },
    core: known.length > 0 ? known : due,
  };
}

/** The rings of locks in which some of the given actors wait for each other, each by the names of its locks. */
export function lockRingsOf(executor: Executor, among: readonly number[]): readonly (readonly string[])[] {
  const all = among.map((actor) => waiterOf(executor, actor, []));
  const next = new Map(all.map(({ actor, blockers }) => [actor, blockers.map((blocker) => blocker.actor)]));
  return all.flatMap(({ actor }) => {
    const cycle = cycleThrough(actor, next);
    return cycle.length === 0
      ? []
      : [cycle.flatMap((member) => all.find((each) => each.actor === member)?.lock?.name ?? [])];
  });
}

/** Whom an actor waits for, for certain or as far as it looks. */
function inTheWayOf({ blockers, watches }: Waiter): number[] {
  return [...blockers.map(({ actor }) => actor), ...watches];
}

/** Some of those who cannot go on, and all of them for whom these wait, and so on; ascending. */
function reachedFrom(some: readonly Waiter[], all: readonly Waiter[]): readonly Waiter[] {
  const reached = new Set(some);
  for (const waiter of reached) {
    for (const other of inTheWayOf(waiter)) {
      const next = all.find(({ actor }) => actor === other);
      if (next !== undefined) reached.add(next);
    }
  }
  return all.filter((waiter) => reached.has(waiter));
}

/** Every actor that has calls to make and cannot take a step, with what it waits for; ascending. */
export function whoWaits(executor: Executor, heldBy: (actor: number) => readonly HeldLock[]): readonly Waiter[] {
  return Array.from({ length: executor.actors }, (_, actor) => actor)
    .filter((actor) => executor.nodeOf(actor) !== DONE && !executor.canRun(actor))
    .map((actor) => besideHolders(executor, waiterOf(executor, actor, []), heldBy));
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
  const where = {
    actor,
    call,
    callName,
    frames,
    first: undefined,
    lock: undefined,
    blockers: [],
    sees: [],
    cells: [],
    watches: [],
  };
  const node = executor.nodeOf(actor);
  const missing = after.filter((constraint) => executor.callsOf(constraint.actor) < constraint.calls);
  if (node === root.node && missing.length > 0) {
    const blockers = missing.map((constraint) => blockerOf(executor, constraint.actor, 'earlier call'));
    return { ...where, frames: [], text: `start of ${callName}`, blockers };
  }
  const { automaton, layout } = executor.program;
  const { atomic } = automaton.info(node);
  const { spec } = automaton.opOf(node);
  const word = executor.pendingWord(actor);
  const op = { node, spec, word, registers: registersOf(executor, actor) };
  const label = labelText(spec.label, automaton, layout, op);
  const text = atomic === undefined ? label : labelText(atomic, automaton, layout, op);
  const named = { ...where, text, first: text === label ? undefined : label };
  const mode = (spec.region?.width ?? 1) === 1 ? undefined : spec.lock?.mode;
  // Who waits to be let go from a line waits for somebody that does it, and for nobody's bit.
  if (latchUpdateOf(spec)?.mode === LatchMode.Await) return { ...named, sees: ['nobody has woken it'] };
  if (spec.code !== Opcode.Latch || word < 0) {
    const cells = cellsOf(automaton.opOf(node), op.registers);
    return {
      ...named,
      lock: spec.lock && { name: spec.lock.name, mode: spec.lock.mode === 'read' ? 'read' : undefined },
      sees: cells.map((cell) => seenText(executor, cell)),
      cells: cells.filter((cell) => layout.regionOf(cell)?.kind !== 'latch'),
      watches: cells.flatMap((cell) => (layout.regionOf(cell)?.kind === 'latch' ? holdersOf(executor, cell) : [])),
    };
  }
  return { ...named, lock: { name: layout.nameOf(word), mode }, blockers: latchBlockers(executor, node, word) };
}

/** Who waits for a lock that is made of cells, with those who hold it as their steps say. */
function besideHolders(executor: Executor, waiter: Waiter, heldBy: (actor: number) => readonly HeldLock[]): Waiter {
  const { lock, blockers } = waiter;
  if (lock === undefined || blockers.length > 0) return waiter;
  const holders = Array.from({ length: executor.actors }, (_, other) => other).flatMap((other) =>
    heldBy(other)
      .filter(({ name, mode }) => name === lock.name && !(mode === 'read' && lock.mode === 'read'))
      .slice(0, 1)
      .map(({ mode }) => blockerOf(executor, other, mode === 'read' ? 'reader' : 'holder')),
  );
  return { ...waiter, blockers: holders };
}

function blockerOf(executor: Executor, actor: number, as: BlockerRole): Blocker {
  return { actor, as, finished: executor.nodeOf(actor) === DONE };
}

/** The words that an op looks at, of those that it names; what a ref picks is there, or the op could not wait for it. */
function cellsOf(op: Op<unknown>, registers: Int32Array): number[] {
  return accessesOf(op).flatMap(({ region, at, part, via, how }) => {
    if (via !== 'direct' || at === 'any' || how === 'store') return [];
    const position = at instanceof Ref ? registers[at.register] - 1 : at instanceof Identity ? at.index : at;
    return position >= 0 && position < region.count ? [region.base + part * region.count + position] : [];
  });
}

/** What an actor that waits sees of a cell. */
function seenText(executor: Executor, word: number): string {
  const { layout, machines, objects } = executor.program;
  const name = layout.nameOf(word);
  const region = layout.regionOf(word);
  const value = executor.state[word];
  if (region?.kind === 'latch') {
    const holders = holdersOf(executor, word).map((actor) => executor.scriptOf(actor).name);
    return holders.length === 0 ? `nobody holds ${name}` : `${name} is held by ${holders.join(', ')}`;
  }
  const object = objects.find((each) => each.region === region);
  if (object !== undefined) return `${name} is ${machines[object.machine].describe(value)}`;
  return `${name} is ${heldText(region, value)}`;
}

function holdersOf(executor: Executor, word: number): number[] {
  const planes = executor.program.layout.regionOf(word)?.planes ?? [0];
  return Array.from({ length: executor.actors }, (_, actor) => actor).filter(
    (actor) => (executor.state[word + planes[planeOfActor(actor)]] & bitOfActor(actor)) !== 0,
  );
}

/** The actors whose bits are in the words that must be empty; a task may well be in its own way. */
function latchBlockers(executor: Executor, node: number, word: number): Blocker[] {
  const { nodes } = executor.automaton;
  const { waitsFor } = unpackLatch(nodes[node + Field.a]);
  const width = nodes[node + Field.b];
  const { lock, region } = executor.automaton.opOf(node).spec;
  const roles = lock?.roles ?? LATCH_ROLES[Math.min(width, LATCH_ROLES.length - 1)];
  const found: Blocker[] = [];
  for (let other = 0; other < executor.actors; other++) {
    const first = word + region!.planes[planeOfActor(other)];
    for (let part = 0; part < width; part++) {
      const bits = executor.state[first + part * nodes[node + Field.stride]];
      if (((waitsFor >> part) & 1) === 0 || (bits & bitOfActor(other)) === 0) continue;
      found.push(blockerOf(executor, other, roles[Math.min(part, roles.length - 1)]));
    }
  }
  return found;
}

/** The registers an actor holds now. */
export function registersOf(executor: Executor, actor: number): Int32Array {
  const first = executor.registerWord(actor, 0);
  return executor.state.slice(first, first + executor.program.registers);
}

function shortestCycle(waiters: readonly Waiter[], inTheWayOf: (waiter: Waiter) => number[]): readonly number[] {
  const next = new Map(waiters.map((waiter) => [waiter.actor, inTheWayOf(waiter)]));
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
