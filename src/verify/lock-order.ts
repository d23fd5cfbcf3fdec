/**
 * Lock order: which locks are taken while which are held, in every execution that was covered.
 *
 * An edge leads from a lock that an actor holds to one that it wants. A cycle of edges is a deadlock that other timing,
 * or other callers of the same code, can bring about, even if no covered execution deadlocked. Locks are taken by
 * class, as lockdep does (kernel/locking/lockdep.c), but for classes of which one member is taken while another is
 * held: there each member counts for itself. Two readers of one lock are no obstacle to each other, unless writers of
 * it queue: then a writer between them stops the later reader, and some writer there will be, if not in this program
 * (include/linux/lockdep.h: rwsem_acquire_read() is not recursive). A try-lock does not wait, so no edge leads to it.
 *
 * A word of the state says who holds a lock, but for one that is made of cells, and for a semaphore that lets one in: these
 * take part by their marked ops (cell-order.ts), as long as nobody gives one back who does not hold it.
 */

import { Field, NODE_WORDS } from '../core/automaton/automaton.js';
import { unpackLatch } from '../core/ops/latch.js';
import type { Region } from '../core/ops/layout.js';
import { Opcode } from '../core/ops/op.js';
import { bitOfActor, type Program, planeOfActor } from '../core/program/program.js';
import { functionAt } from '../core/story/signature.js';
import type { Stepper } from '../space/stepper.js';
import type { System } from '../space/system.js';
import { cellLocksOf } from './cell-holds.js';
import { CellOrder } from './cell-order.js';
import { type FoundEdge, type LockEdge, type LockHold, type LockSide, lockClass, shortestRing } from './lock-edge.js';
import type { LockRing } from './sightings.js';

/** Locks each of which is wanted while the one before is held, and the first while the last is. */
export type LockCycle = readonly LockEdge[];

/**
 * The rest of "When this happens, ..." for a ring of locks in which no run was stuck, or none but that of daemons which
 * may wait for ever (`idle`): one in which a run was is told as the deadlock.
 */
export function lockOrderWords(cycle: readonly Pick<LockEdge, 'held' | 'wanted' | 'others'>[], idle: boolean): string {
  const taken = cycle.map(({ held, wanted }) => `${wanted} is taken while ${held} is held`);
  const gate = cycle[0].others.find(({ name }) => cycle.every(({ others }) => others.some(isExclusive(name))));
  const never = idle
    ? 'here only daemons do, and nobody waits for them'
    : gate
      ? `here ${gate.name} keeps them apart`
      : 'no run that was searched came to it';
  return `${taken.join(', ')}: tasks that do so at the same time wait for each other for ever (${never})`;
}

function isExclusive(lock: string): (held: LockHold) => boolean {
  return ({ name, as }) => name === lock && as === 'write';
}

/** One lock: a word of holders. */
interface Lock {
  readonly region: Region;
  /** Word of each part, and how an actor whose bit is there holds the lock. */
  readonly parts: readonly { readonly word: number; readonly as: LockSide }[];
}

/** Whether an actor has its bit in a word of a lock. */
function isHeld({ region }: Lock, word: number, state: Int32Array, actor: number): boolean {
  return (state[word + region.planes[planeOfActor(actor)]] & bitOfActor(actor)) !== 0;
}

/** Above every number of a node. */
const MOST_NODES = 1 << 26;

/** Collects the edges of one search. */
export class LockOrder {
  readonly #edges = new Map<string, FoundEdge>();
  /** Where there are locks that are made of cells. */
  readonly #cells: CellOrder | undefined;
  #locks: readonly Lock[] = [];
  /** Nodes of the automaton that the locks were read off. */
  #nodes = 0;
  /** Names of the regions whose writers queue. */
  readonly #queued = new Set<string>();
  /** Held word, wanted word and mode, and node, as one number: what was seen already. */
  readonly #seen = new Set<number>();

  constructor(readonly system: System) {
    // What a search meets first is seldom new: random walks were there before it.
    this.#cells = cellLocksOf(system.program).size > 0 ? new CellOrder(system) : undefined;
  }

  /** Whether the program has two locks that one actor might take. */
  static isOfInterest(program: Program): boolean {
    return locksOf(program).length + cellLocksOf(program).size > 1;
  }

  /** Whether words of the state say who holds a lock, and so all that a look sees. */
  get isOfWords(): boolean {
    return this.#cells === undefined;
  }

  /** Another number once more locks are read off the program: what was seen before does not tell what would be seen now. */
  get version(): number {
    this.#readLocks();
    return this.#nodes;
  }

  /** The words that say who holds a lock. */
  words(): readonly number[] {
    this.#readLocks();
    return this.#locks.flatMap(({ region, parts }) => parts.map(({ word }) => word + region.planes[0]));
  }

  /** The region of the lock that an actor asks for in a local state, and may wait for; undefined for none. */
  wantedIn(actor: number, local: number): { readonly region: Region; readonly mode: LockSide } | undefined {
    const { node } = this.system.scripts[actor].states[local];
    const { region, lock, code } = this.system.program.automaton.infos[node / NODE_WORDS]?.op?.spec ?? {};
    if (region === undefined || lock === undefined || code !== Opcode.Latch) return undefined;
    if (lock.action !== 'acquire' && lock.action !== 'queue') return undefined;
    if (lock.queues) this.#queued.add(region.name);
    return lock.mayEnd === true ? undefined : { region, mode: lock.mode };
  }

  #readLocks(): void {
    const { program } = this.system;
    if (program.automaton.size === this.#nodes) return;
    this.#locks = locksOf(program);
    this.#nodes = program.automaton.size;
  }

  /** Looks at a state of the search. */
  visit(stepper: Stepper, state: number): void {
    const { system } = this;
    this.#readLocks();
    this.#cells?.visit(stepper, state, (actor) => this.#heldBy(stepper, actor));
    for (let actor = 0; actor < system.actors; actor++) {
      const local = stepper.state[system.localBase + actor];
      const wanted = this.wantedIn(actor, local);
      if (wanted !== undefined) this.#wants(stepper, actor, local, wanted.region, wanted.mode, state);
    }
  }

  /** What was seen so far, locks under their own names. */
  get edges(): readonly LockEdge[] {
    return this.#found();
  }

  /** Rings of locks, with some that are made of cells, in which runs were stuck. */
  get cellRings(): readonly LockRing[] {
    return this.#cells?.rings() ?? [];
  }

  /** Says of a state in which locks made of cells more are than may be; undefined where there are no such locks. */
  crowdedLooks(): ((stepper: Stepper) => readonly string[]) | undefined {
    return this.#cells?.crowdedLooks();
  }

  /** The shortest cycles, one for each set of locks. */
  cycles(): readonly LockCycle[] {
    const edges = this.#folded();
    const found = new Map<string, LockCycle>();
    for (const first of edges) {
      const cycle = shortestRing(first, (last) =>
        edges.filter((next) => next.held === last.wanted && this.#obstructs(next, last)),
      );
      if (cycle === undefined) continue;
      const key = cycle
        .map(({ wanted }) => wanted)
        .sort()
        .join();
      const known = found.get(key);
      if (known === undefined || cycle.length < known.length) found.set(key, cycle);
    }
    return [...found.values()];
  }

  #wants(stepper: Stepper, actor: number, local: number, region: Region, wantedAs: LockSide, state: number): void {
    const { node } = this.system.scripts[actor].states[local];
    const word = stepper.ops.wordOf(node, actor);
    for (const lock of this.#locks) {
      const { region: from, parts } = lock;
      for (const part of parts) {
        if (!isHeld(lock, part.word, stepper.state, actor)) continue;
        // An actor that waits in a lock's queue wants it a second time.
        if (from === region && parts.some((each) => each.word === word)) continue;
        const { words } = this.system;
        const key = ((part.word * words + word) * 2 + (wantedAs === 'read' ? 0 : 1)) * MOST_NODES + node / NODE_WORDS;
        if (this.#seen.has(key)) continue;
        this.#seen.add(key);
        const { layout, automaton } = this.system.program;
        const names = { held: layout.nameOf(part.word), wanted: layout.nameOf(word) };
        const others = this.#heldBy(stepper, actor).filter(({ name }) => name !== names.held && name !== names.wanted);
        const edge = {
          ...names,
          heldAs: part.as,
          wantedAs,
          others,
          function: functionAt(automaton, node),
          ...{ state, actor, local, from: from.name, to: region.name },
        };
        const edgeKey = `${names.held} ${part.as} ${names.wanted} ${wantedAs}`;
        if (!this.#edges.has(edgeKey)) this.#edges.set(edgeKey, edge);
      }
    }
  }

  /** The locks that an actor holds. */
  #heldBy({ state }: Stepper, actor: number): readonly LockHold[] {
    const { layout } = this.system.program;
    return this.#locks.flatMap((lock) =>
      lock.parts.flatMap(({ word, as }) =>
        isHeld(lock, word, state, actor) ? [{ name: layout.nameOf(word), as }] : [],
      ),
    );
  }

  #found(): readonly FoundEdge[] {
    const edges = [...this.#edges.values()];
    return this.#cells?.with(edges) ?? edges;
  }

  /** The edges with the locks of a class taken for one, unless the class is nested in itself. */
  #folded(): readonly LockEdge[] {
    const found = this.#found();
    const nested = new Set(found.filter(({ from, to }) => from === to).map(({ from }) => from));
    const folded = new Map<string, LockEdge>();
    for (const { from, to, local: _, ...edge } of found) {
      const held = nested.has(from) ? edge.held : from;
      const wanted = nested.has(to) ? edge.wanted : to;
      const key = `${held} ${edge.heldAs} ${wanted} ${edge.wantedAs}`;
      if (!folded.has(key)) folded.set(key, { ...edge, held, wanted });
    }
    return [...folded.values()];
  }

  /** Whether a lock held as one edge holds it is in the way of one who wants it as the other does. */
  #obstructs({ held, heldAs }: LockEdge, { wantedAs }: LockEdge): boolean {
    if (heldAs === 'write' || wantedAs === 'write') return true;
    return this.#queued.has(lockClass(held));
  }
}

/** The locks of a program: the latches that some op names as one. */
function locksOf({ automaton }: Program): readonly Lock[] {
  const sides = new Map<Region, LockSide[]>();
  automaton.infos.forEach(({ op }, id) => {
    const { lock, region } = op?.spec ?? {};
    if (lock === undefined || region === undefined || op?.spec.code !== Opcode.Latch) return;
    let parts = sides.get(region);
    if (parts === undefined) {
      parts = [];
      sides.set(region, parts);
    }
    const { set } = unpackLatch(automaton.nodes[id * NODE_WORDS + Field.a]);
    for (let part = 0; part < region.width; part++) if (((set >> part) & 1) !== 0) parts[part] = lock.mode;
  });
  const locks: Lock[] = [];
  for (const [region, parts] of sides) {
    for (let index = 0; index < region.count; index++) {
      const word = (part: number): number => region.base + part * region.count + index;
      const held = parts.flatMap((as, part) => (as === undefined ? [] : [{ word: word(part), as }]));
      if (held.length > 0) locks.push({ region, parts: held });
    }
  }
  return locks;
}
