/**
 * Cell order: what lock order sees of locks that are made of cells, and of semaphores that serve as one. Who holds one
 * is known when the search is over (cell-holds.ts), so what is wanted is written down with where it was wanted. Used by
 * lock order.
 */

import { DONE, Field, Flag, NODE_WORDS } from '../core/automaton/automaton.js';
import { functionAt } from '../core/story/signature.js';
import type { LocalStates } from '../space/local-states.js';
import { StepOutcome, type Stepper } from '../space/stepper.js';
import type { System } from '../space/system.js';
import { CellHolds, cellLocksOf, cellLockUse } from './cell-holds.js';
import { type FoundEdge, type LockHold, lockClass, shortestRing } from './lock-edge.js';
import type { LockRing } from './sightings.js';

/** Somebody wants a lock. */
interface Want {
  readonly actor: number;
  readonly local: number;
  readonly wanted: LockHold;
  /** Whether the wanted lock is made of cells. */
  readonly isCell: boolean;
  /** The other locks that are held, of those of which words of the state tell. */
  readonly held: readonly LockHold[];
  readonly state: number;
}

/** The locks made of cells that are held where, without those that are no locks. */
class KnownLocks {
  readonly #holds: CellHolds;
  readonly #locks: ReadonlySet<string>;

  constructor(
    readonly system: System,
    met: ReadonlyMap<LocalStates, ReadonlySet<number>>,
  ) {
    this.#holds = new CellHolds(system, met);
    this.#locks = cellLocksOf(system.program);
  }

  /** Whether one can be waited for as for a lock: it lets one in, and who is in gives it back. */
  isLock(name: string): boolean {
    return this.#locks.has(name) && !this.#holds.handedOver.has(name);
  }

  ofCells({ actor, local }: { readonly actor: number; readonly local: number }): LockHold[] {
    const held = [...this.#holds.of(this.system.scripts[actor], local)];
    return held.filter(([name]) => this.isLock(name)).map(([name, { as }]) => ({ name, as }));
  }
}

/** Collects what the states of one search show. */
export class CellOrder {
  readonly #met = new Map<LocalStates, Set<number>>();
  readonly #wants = new Map<string, Want>();
  /** What everybody wants who waits for a lock, in states in which nobody can go on. */
  readonly #stuck = new Map<string, readonly Want[]>();

  constructor(readonly system: System) {
    for (const script of system.scripts) this.#met.set(script, new Set());
  }

  /** Looks at a state of the search. `heldBy`: the locks that words of the state tell of. */
  visit(stepper: Stepper, state: number, heldBy: (actor: number) => readonly LockHold[]): void {
    const { actors, localBase, scripts } = this.system;
    const wants: Want[] = [];
    for (let actor = 0; actor < actors; actor++) {
      const local = stepper.state[localBase + actor];
      this.#met.get(scripts[actor])?.add(local);
      const want = this.#wantOf(stepper, actor, local, state, heldBy);
      if (want !== undefined) wants.push(want);
    }
    for (const want of wants) {
      const key = keyOf(want);
      if (!this.#wants.has(key)) this.#wants.set(key, want);
    }
    if (wants.length < 2 || !wants.some(({ isCell }) => isCell)) return;
    const key = wants.map(keyOf).join(' ');
    if (!this.#stuck.has(key) && this.#isAtRest(stepper)) this.#stuck.set(key, wants);
  }

  /** Edges between other locks, with what else was held, and those from and to locks that are made of cells. */
  with(edges: readonly FoundEdge[]): readonly FoundEdge[] {
    const held = this.#held();
    const others = edges.map((edge) => ({ ...edge, others: [...edge.others, ...held.ofCells(edge)] }));
    return [...others, ...[...this.#wants.values()].flatMap((want) => this.#edgesOf(want, held))];
  }

  #edgesOf(want: Want, locks: KnownLocks): FoundEdge[] {
    const { actor, isCell, local, state, wanted } = want;
    if (isCell && !locks.isLock(wanted.name)) return [];
    const ofCells = locks.ofCells(want);
    const all = [...want.held, ...ofCells];
    return (isCell ? all : ofCells).flatMap((hold) => {
      if (hold.name === wanted.name) return [];
      const { node } = this.system.scripts[actor].states[local];
      return {
        ...{ held: hold.name, heldAs: hold.as, wanted: wanted.name, wantedAs: wanted.as },
        others: all.filter(({ name }) => name !== hold.name && name !== wanted.name),
        function: functionAt(this.system.program.automaton, node),
        ...{ state, actor, local, from: lockClass(hold.name), to: lockClass(wanted.name) },
      };
    });
  }

  /** Rings of locks, some of them made of cells, in which a run that could not go on was stuck. */
  rings(): readonly LockRing[] {
    const locks = this.#held();
    const isDaemon = (actor: number): boolean => this.system.program.actors[actor].daemon;
    return [...this.#stuck.values()].flatMap((all) => {
      const wants = all.filter(({ isCell, wanted }) => !isCell || locks.isLock(wanted.name));
      const held = wants.map((want) => [...want.held, ...locks.ofCells(want)]);
      const next = wants.map(({ wanted }) =>
        [...wants.keys()].filter((other) => held[other].some((hold) => isInTheWay(hold, wanted))),
      );
      return [...wants.keys()].flatMap((start) => {
        const ring = shortestRing(start, (place) => next[place]);
        if (ring === undefined) return [];
        const idle = ring.every((place) => isDaemon(wants[place].actor));
        return [{ locks: ring.map((place) => wants[place].wanted.name), idle }];
      });
    });
  }

  /** Says of a state which locks somebody holds while another one does who should be in its way. */
  crowdedLooks(): (stepper: Stepper) => readonly string[] {
    const { actors, localBase, scripts } = this.system;
    const locks = this.#held();
    const held = new Map(scripts.map((script) => [script, new Map<number, readonly LockHold[]>()]));
    return ({ state }) => {
      const all: LockHold[] = [];
      const crowded: string[] = [];
      for (let actor = 0; actor < actors; actor++) {
        const known = held.get(scripts[actor]) as Map<number, readonly LockHold[]>;
        const local = state[localBase + actor];
        const own = known.get(local) ?? locks.ofCells({ actor, local });
        known.set(local, own);
        for (const hold of own) if (all.some((other) => isInTheWay(other, hold))) crowded.push(hold.name);
        all.push(...own);
      }
      return crowded;
    };
  }

  #held(): KnownLocks {
    return new KnownLocks(this.system, this.#met);
  }

  #wantOf(
    stepper: Stepper,
    actor: number,
    local: number,
    state: number,
    heldBy: (actor: number) => readonly LockHold[],
  ): Want | undefined {
    const { program, scripts } = this.system;
    const { node } = scripts[actor].states[local];
    const { op } = program.automaton.infos[node / NODE_WORDS];
    const lock = op?.spec.lock;
    if (op === undefined || lock === undefined || lock.mayEnd === true) return undefined;
    const isCell = cellLockUse(op.spec) !== undefined;
    // An op of cells that never waits keeps nobody waiting either.
    const waits = !isCell || (program.automaton.nodes[node + Field.flags] & Flag.Blocks) !== 0;
    if (!waits || (lock.action !== 'acquire' && lock.action !== 'queue')) return undefined;
    const name = isCell ? lock.name : program.layout.nameOf(stepper.ops.wordOf(node, actor));
    const held = heldBy(actor).filter((hold) => hold.name !== name);
    return { actor, local, wanted: { name, as: lock.mode }, isCell, held, state };
  }

  /** Whether nobody can take a step. */
  #isAtRest(stepper: Stepper): boolean {
    const { actors, localBase, program, scripts } = this.system;
    for (let actor = 0; actor < actors; actor++) {
      const { node, gated } = scripts[actor].states[stepper.state[localBase + actor]];
      if (node === DONE) continue;
      if (!gated && (program.automaton.nodes[node + Field.flags] & Flag.Blocks) === 0) return false;
      if (stepper.step(actor, 0) === StepOutcome.Blocked) continue;
      stepper.undo();
      return false;
    }
    return true;
  }
}

function keyOf({ actor, local, wanted, held }: Want): string {
  return `${actor}:${local}:${wanted.name}:${held.map(({ name, as }) => `${name}/${as}`).join()}`;
}

/** Whether a lock that somebody holds stops who wants it. */
function isInTheWay(hold: LockHold, wanted: LockHold): boolean {
  return hold.name === wanted.name && (hold.as === 'write' || wanted.as === 'write');
}
