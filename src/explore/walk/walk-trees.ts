/**
 * Walk trees: steps remembered as decision trees, in the memory of the walk kernel.
 *
 * The idea is that of verify's step trees (space/step-tree.ts): what a step does is decided by the few fields that it reads,
 * so the first time that they hold what they hold the interpreter takes the step, and what it read and wrote
 * becomes a path and a leaf. A walk is in one state at a time, so nothing is packed here: a field is a word, and a node
 * has a tree for each value that its field was met with. Whether an actor waits is a tree of its own, for who only looks
 * must not run what nobody runs: what was covered is read off the automaton. Used by the walk kernel.
 */

import { Field, Flag } from '../../core/automaton/automaton.js';
import { Opcode } from '../../core/ops/op.js';
import type { Program } from '../../core/program/program.js';
import type { Executor } from '../../core/run/executor.js';
import { StepFlag } from '../../core/run/step-flag.js';
import { StuckActors } from '../../core/run/stuck.js';
import * as L from '../../kernels/walk-words.js';
import { type GrowingMemory, KERNEL_PAGE } from '../../space/kernel.js';
import { PlainView } from '../../space/local-view.js';
import { Met } from '../../space/met.js';
import { StepOutcome, Stepper } from '../../space/stepper.js';
import { System } from '../../space/system.js';
import type { Facts } from '../facts.js';
import { PendingOps } from './pending-ops.js';

/** Bytes that the memory may have. */
export const MOST_TREE_BYTES = 1 << 25;
/** Nodes that one field may take in a row, for values far from one another. */
const MOST_NODES = 64;
/** Values no further apart are taken to have others between them. */
const NEAR = 16;
/** In place of a tree: nothing is known. */
const UNKNOWN = 0;
/** Words of a node. */
const [LOW, SIZE, TREES, OTHERS] = [L.NODE_LOW >> 2, L.NODE_SIZE >> 2, L.NODE_TREES >> 2, L.NODE_OTHERS >> 2];

/** Thrown where a step cannot be remembered: its program is left to the interpreter. */
export class NotRemembered extends Error {}

/** The remembered steps of one program. */
export class WalkTrees {
  readonly system: System;
  /** The kernel's memory; replaced when it grows. */
  words: Int32Array;
  readonly #stepper: Stepper;
  readonly #stuck: StuckActors;
  /** By actor and local state: its root. */
  readonly #roots: (number | undefined)[][];
  /** By root: the local state. */
  readonly #locals = new Map<number, number>();
  /** By field: the set of those who may wait for another value, and the leaves that set it. */
  readonly #waiters: Int32Array;
  readonly #setters: number[][];
  /** The words that are looked at when something is asked of finished runs. */
  readonly #asked: ReadonlySet<number>;
  readonly #pending: PendingOps | undefined;
  #used = 0;

  /**
   * @param memory the kernel's
   * @param executor takes the steps that are not known
   * @param facts say which steps cannot race
   * @param looksAtOps whether the strategy looks at ops
   */
  constructor(
    readonly program: Program,
    readonly memory: GrowingMemory,
    readonly executor: Executor,
    readonly facts: Facts,
    looksAtOps: boolean,
  ) {
    const { automaton, registers } = program;
    this.words = new Int32Array(memory.buffer);
    this.system = new System(program, new PlainView(automaton, registers));
    this.#stepper = new Stepper(this.system, new Met(automaton));
    this.#stuck = new StuckActors(executor);
    this.#roots = program.actors.map(() => []);
    this.#asked = new Set(program.finally.flatMap(({ words }) => words));
    this.#waiters = new Int32Array(this.system.fields + 1);
    this.#setters = Array.from(this.#waiters, () => []);
    // Behind the fields lies one that nobody has: it is set where a step sets none.
    this.allot((fieldAddress(this.system.fields + 1) - this.#used) / 4);
    if (looksAtOps) {
      const put = (at: number, value: number) => {
        this.words[at >> 2] = value;
      };
      this.#pending = new PendingOps(program, (words) => this.allot(words), put, fieldAddress(this.system.fields));
    }
    const end = this.#newNode();
    this.words[L.END_NODE >> 2] = end;
  }

  /** Words of the memory that nobody has. */
  allot(words: number): number {
    const at = this.#used;
    this.#used += words * 4;
    if (this.#used > this.words.byteLength) this.#grow();
    return at;
  }

  #grow(): void {
    const bytes = Math.max(this.#used, this.words.byteLength * 2);
    if (bytes > MOST_TREE_BYTES) throw new NotRemembered('no room is left');
    this.memory.grow(Math.ceil((bytes - this.words.byteLength) / KERNEL_PAGE));
    this.words = new Int32Array(this.memory.buffer);
  }

  /** The root of an actor in a local state. */
  rootOf(actor: number, local: number): number {
    const roots = this.#roots[actor];
    const root = roots[local] ?? this.#plant(actor, local);
    roots[local] = root;
    return root;
  }

  /** The fields of the kernel's state: words, results, local states and slots, as the system has them. */
  unpack(state: Int32Array): void {
    const { fields, actors, localBase } = this.system;
    for (let field = 0; field < fields; field++) state[field] = this.words[fieldAddress(field) >> 2];
    for (let actor = 0; actor < actors; actor++) {
      state[localBase + actor] = this.#locals.get(this.words[(L.ROOTS >> 2) + actor])!;
    }
  }

  /** Puts the executor into the kernel's state. */
  load(): void {
    const { state } = this.#stepper;
    this.#stepper.accept();
    this.unpack(state);
    this.system.placeRegisters(state);
    this.system.loadInto(this.executor, state);
  }

  /** Shows the executor the words and the results of the kernel's state, and nothing else. */
  show(): void {
    const { executor, words, system } = this;
    executor.reset();
    for (let word = 0; word < system.words; word++) executor.state[word] = words[fieldAddress(word) >> 2];
    const to = executor.results - system.words;
    for (let at = system.words; at < system.localBase; at++) executor.state[at + to] = words[fieldAddress(at) >> 2];
  }

  /** Has the step of an actor from the kernel's state taken, and remembers it below a node: its leaf, complemented. */
  learnStep(actor: number, choice: number, node: number): number {
    this.load();
    const flags = this.executor.step(actor, choice);
    const breaks = (flags & StepFlag.Violation) !== 0;
    const stepper = this.#stepper;
    const outcome = stepper.trace(actor, choice);
    if (outcome === StepOutcome.Blocked || breaks !== ((outcome & StepOutcome.Violation) !== 0)) {
      throw new Error(`the stepper takes another step of ${this.#nameOf(actor)} than the executor`);
    }
    const leaf = breaks ? this.#newLeaf([L.BREAKS]) : this.#stepLeaf(actor, (flags & StepFlag.Again) !== 0);
    this.#remember(node, leaf);
    stepper.undo();
    return ~leaf;
  }

  /** Remembers whether an actor waits in the kernel's state: the leaf that says so, complemented. */
  learnWait(actor: number): number {
    this.load();
    const { system, executor } = this;
    const { reads, state } = this.#stepper;
    const { node, live } = system.scripts[actor].states[state[system.localBase + actor]];
    reads.begin(actor, live);
    reads.op(node);
    for (let i = 0; i < reads.length; i++) this.#listen(reads.fields[i], 1 << actor);
    this.#stuck.sets.forget();
    const leaf = this.#newLeaf([executor.canRun(actor) ? 1 : 0, this.#stuck.inTheWayOf(actor)]);
    this.#remember(this.words[(L.ROOTS >> 2) + actor] & ~L.ROOT_FLAGS, leaf);
    return ~leaf;
  }

  /** Remembers what is asked of finished runs of the kernel's state, whether it holds: the leaf, complemented. */
  learnEnd(holds: boolean): number {
    const link = this.#pathOf(this.words[L.END_NODE >> 2], [...this.#asked]);
    if (this.words[link >> 2] === UNKNOWN) {
      const leaf = this.#newLeaf([holds ? 0 : 1]);
      this.words[link >> 2] = ~leaf;
    }
    return this.words[link >> 2];
  }

  /** Some actors are to be looked at again whenever a field is set. */
  #listen(field: number, actors: number): void {
    this.#waiters[field] |= actors;
    for (const leaf of this.#setters[field]) this.words[(leaf + L.LEAF_WAKES) >> 2] |= actors;
  }

  #nameOf(actor: number): string {
    return this.program.actors[actor].name;
  }

  /** What the stepper has just done. */
  #stepLeaf(actor: number, wentBack: boolean): number {
    const { reads, state, log, logged } = this.#stepper;
    const { localBase, slotBase, fields } = this.system;
    const sets = new Map<number, number>();
    const set = (field: number): void => {
      if (field < localBase || (field >= slotBase && field < fields)) sets.set(field, state[field]);
    };
    for (let i = 0; i < reads.stored; i++) set(reads.stores[i]);
    // What was noted and is not among these is as it was, or was read: then the step wrote what it wrote for its value.
    for (let i = 0; i < logged; i++) if (reads.isKnown(log[i])) set(log[i]);
    for (let i = 0; i < reads.length; i++) {
      const field = reads.fields[i];
      if (sets.get(field) === this.words[fieldAddress(field) >> 2]) sets.delete(field);
    }
    const root = this.rootOf(actor, state[localBase + actor]);
    if (sets.size === 0) sets.set(fields, 0);
    const flat = [...sets].flatMap(([field, value]) => [fieldAddress(field), value]);
    const wakes = [...sets.keys()].reduce((set, field) => set | this.#waiters[field], 0);
    const leaf = this.#newLeaf([wentBack ? L.WENT_BACK : 0, root, wakes, (sets.size - 1) * 8, ...flat]);
    for (const field of sets.keys()) this.#setters[field].push(leaf);
    return leaf;
  }

  /** Lets what the stepper has read, in the kernel's state, lead from a node to a leaf. */
  #remember(node: number, leaf: number): void {
    const { reads } = this.#stepper;
    const { localBase, slotBase } = this.system;
    if (!reads.isWhole) throw new NotRemembered('it is not known what a step reads');
    const fields = Array.from(reads.fields.subarray(0, reads.length));
    if (fields.some((field) => field >= localBase && field < slotBase)) {
      throw new NotRemembered('a step depends on where others are');
    }
    const link = this.#pathOf(node, fields);
    if (this.words[link >> 2] !== UNKNOWN) throw new Error('a step is remembered twice');
    this.words[link >> 2] = ~leaf;
  }

  /** The link behind some fields, for what they hold in the kernel's state, from a node on. */
  #pathOf(first: number, fields: readonly number[]): number {
    // A step that reads nothing has a node as well, of the field that nobody has.
    const path = fields.length === 0 ? [this.system.fields] : fields;
    let node = first;
    for (const [place, field] of path.entries()) {
      const link = this.#reach(node, fieldAddress(field));
      if (place === path.length - 1) return link;
      const next = this.words[link >> 2];
      if (next < 0) throw new Error('a step that read the same reads another field next');
      node = next === UNKNOWN ? this.#newNode() : next;
      this.words[link >> 2] = node;
    }
    throw new Error('a path without a field');
  }

  /** The link for the value of a field, at a node or at those for other values behind it. */
  #reach(first: number, address: number): number {
    const value = this.words[address >> 2];
    let node = first;
    for (let nodes = 0; nodes < MOST_NODES; nodes++) {
      const at = node >> 2;
      if (this.words[at + SIZE] === 0) return this.#open(node, address, value);
      if (this.words[at] !== address) throw new Error('a step that read the same reads another field next');
      const low = this.words[at + LOW];
      const end = low + this.words[at + SIZE];
      if (value >= low && value < end) return this.words[at + TREES] + (value - low) * 4;
      if (value > low - NEAR && value < end + NEAR) return this.#widen(node, value);
      if (this.words[at + OTHERS] === UNKNOWN) {
        const others = this.#newNode();
        this.words[at + OTHERS] = others;
      }
      node = this.words[at + OTHERS];
    }
    throw new NotRemembered('a field holds too many values');
  }

  /** A node that knows nothing: of the field that nobody has, and no value of it. */
  #newNode(): number {
    return this.#clear(this.allot(L.NODE_BYTES / 4));
  }

  #clear(node: number): number {
    this.words.set([fieldAddress(this.system.fields), 0, 0, 0, UNKNOWN], node >> 2);
    return node;
  }

  /** Makes a node one of a field, with room for its first value; the link for that. */
  #open(node: number, address: number, value: number): number {
    // Most values are small.
    const isNear = Math.abs(value) < NEAR;
    const low = isNear ? Math.min(0, value) : value;
    const size = isNear ? Math.max(0, value) - low + 1 : 1;
    const trees = this.allot(size);
    this.words.set([address, low, size, trees], node >> 2);
    return trees + (value - low) * 4;
  }

  /** Makes room for one more value at a node; the link for it. */
  #widen(node: number, value: number): number {
    const at = node >> 2;
    const low = this.words[at + LOW];
    const size = this.words[at + SIZE];
    const least = Math.min(low, value);
    const wide = Math.max(low + size, value + 1) - least;
    const trees = this.allot(wide);
    const { words } = this;
    const before = words[at + TREES] >> 2;
    words.copyWithin((trees >> 2) + low - least, before, before + size);
    words.set([least, wide, trees], at + LOW);
    return trees + (value - least) * 4;
  }

  #newLeaf(words: readonly number[]): number {
    const leaf = this.allot(words.length);
    this.words.set(words, leaf >> 2);
    return leaf;
  }

  #plant(actor: number, local: number): number {
    const { node, outcomes, live } = this.system.scripts[actor].states[local];
    const { nodes } = this.program.automaton;
    const flags = this.system.scripts[actor].done(local)
      ? L.HAS_FINISHED
      : (this.facts.isPrivate(node) ? L.CANNOT_RACE : 0) |
        ((nodes[node + Field.flags] & Flag.Blocks) !== 0 ? L.MIGHT_WAIT : 0) |
        (nodes[node + Field.code] === Opcode.Choose ? L.CHOOSES : 0);
    // The flags lie in the lowest bits of its address.
    while ((this.#used & L.ROOT_FLAGS) !== 0) this.allot(1);
    const at = this.allot((L.ROOT_STEPS + outcomes * L.NODE_BYTES) / 4);
    this.#clear(at);
    this.words[(at + L.ROOT_OUTCOMES) >> 2] = outcomes;
    for (let choice = 0; choice < outcomes; choice++) this.#clear(at + L.ROOT_STEPS + choice * L.NODE_BYTES);
    this.#pending?.fill(at, actor, node, (register) => {
      const slot = live.indexOf(register);
      return slot < 0 ? undefined : fieldAddress(this.system.slotBase + actor * this.system.slots + slot);
    });
    this.#locals.set(at | flags, local);
    return at | flags;
  }
}

/** Where a field of the kernel's state lies. */
export function fieldAddress(field: number): number {
  return L.STATE + field * 4;
}
