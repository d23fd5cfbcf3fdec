/**
 * Read log: what a step of the stepper read of the state, and what it wrote there whatever it was before.
 *
 * A step is a function of the fields that it reads before it has written them; so with their values it can be remembered
 * (step-tree.ts). What an op reads is told by the table of accesses (core/ops/accesses.ts), with the registers as they are.
 * Who judges by more than that - a check, or the caller that asks who is in the way of a wait - looks at words that are read
 * here as well. Filled by the stepper when it is asked to; no field that is not among these may make a difference, and a
 * test changes every other one.
 */

import { Field, NODE_WORDS } from '../core/automaton/automaton.js';
import { MachineCache } from '../core/machine/machine-cache.js';
import { accessesOf, registerUseOf, type WordAccess } from '../core/ops/accesses.js';
import { Identity, Ref } from '../core/ops/ref.js';
import type { ProgramCheck } from '../core/program/program.js';
import type { LocalOps } from './local-ops.js';
import type { System } from './system.js';

/** What a register holds: nothing that matters, or what the step has put there itself; else the number of its slot. */
const NOTHING = -1;
const OWN = -2;

/** What the ops that look like one read, apart from where they are. */
interface Reads {
  readonly accesses: readonly WordAccess[];
  readonly registers: readonly number[];
  /** The register that it loads; -1 for none. */
  readonly loads: number;
  /** Whether it has to see what its word held even where it only stores. */
  readonly sees: boolean;
}

/** The reads of one step after the other. */
export class ReadLog {
  /** Fields in the order in which the step first read them, up to `length`. */
  readonly fields: Int32Array;
  length = 0;
  /** Fields that the step has written, whatever they held; up to `stored`. */
  readonly stores: Int32Array;
  stored = 0;
  /** Whether all that the step read is known here. */
  isWhole = true;
  /** By field: the number of the step that read it, or wrote it without reading it. */
  readonly #known: Int32Array;
  #step = 0;
  #actor = 0;
  #registers = 0;
  /** By register: the slot that it was placed from, NOTHING or OWN. */
  readonly #origins: Int32Array;
  readonly #reads: (Reads | undefined)[] = [];
  readonly #machines: MachineCache;

  /** @param ops who executes the ops on the state */
  constructor(
    readonly system: System,
    readonly state: Int32Array,
    readonly ops: LocalOps,
  ) {
    this.fields = new Int32Array(system.fields);
    this.stores = new Int32Array(system.fields);
    this.#known = new Int32Array(system.fields);
    this.#origins = new Int32Array(system.program.registers);
    this.#machines = MachineCache.of(system.program.machines);
  }

  /** A step of an actor begins, in a local state in which these registers matter. */
  begin(actor: number, live: Int32Array): void {
    this.#step++;
    this.#actor = actor;
    this.#registers = this.system.registersOf(actor);
    this.length = 0;
    this.stored = 0;
    this.isWhole = true;
    this.#origins.fill(NOTHING);
    for (let slot = 0; slot < live.length; slot++) this.#origins[live[slot]] = slot;
  }

  /** Whether the step has read a field, or written it whatever it held. */
  isKnown(field: number): boolean {
    return this.#known[field] === this.#step;
  }

  /** The op at a node is about to be executed. */
  op(node: number): void {
    const { accesses, registers, loads, sees } = this.#readsOf(node);
    for (let i = 0; i < registers.length; i++) this.#readRegister(registers[i]);
    for (let i = 0; i < accesses.length; i++) this.#access(node, accesses[i], sees);
    if (loads >= 0) this.#origins[loads] = OWN;
  }

  /** The step writes a field, whatever it held. */
  store(field: number): void {
    this.#known[field] = this.#step;
    this.stores[this.stored++] = field;
  }

  /** The step puts a number of its own into a register. */
  setRegister(register: number): void {
    this.#origins[register] = OWN;
  }

  /** The actor comes to a local state in which these registers matter, from one with so many slots. */
  arrive(live: Int32Array, before: number): void {
    const { system } = this;
    const slots = system.slotBase + this.#actor * system.slots;
    for (let slot = 0; slot < live.length || slot < before; slot++) {
      const origin = slot < live.length ? this.#origins[live[slot]] : OWN;
      // What stays where it was makes no difference, whatever it is.
      if (origin === slot) continue;
      if (origin === NOTHING) this.isWhole = false;
      else if (origin !== OWN) this.#read(slots + origin);
      this.store(slots + slot);
    }
    this.store(system.localBase + this.#actor);
  }

  /** Checks are about to be asked. */
  ask(checks: readonly ProgramCheck[]): void {
    for (const { words } of checks) for (const word of words) this.#read(word);
  }

  #read(field: number): void {
    if (this.#known[field] === this.#step) return;
    this.#known[field] = this.#step;
    this.fields[this.length++] = field;
  }

  #readRegister(register: number): void {
    const origin = this.#origins[register];
    if (origin === OWN) return;
    if (origin === NOTHING) this.isWhole = false;
    else this.#read(this.system.slotBase + this.#actor * this.system.slots + origin);
  }

  #access(node: number, { region, at, part, how, via }: WordAccess, sees: boolean): void {
    const { base, count, planes } = region;
    if (via === 'claim') {
      this.#claim(node, base, count);
      return;
    }
    let word: number;
    if (via === 'pointer') {
      const position = this.state[this.ops.wordOf(node, this.#actor)] - 1;
      if (position < 0) return;
      word = base + position;
    } else if (at === 'any') word = this.ops.wordOf(node, this.#actor);
    else {
      const position =
        at instanceof Ref ? this.state[this.#registers + at.register] - 1 : at instanceof Identity ? at.index : at;
      // An op on a ref that names no cell does not run.
      if (position < 0 || position >= count) return;
      word = base + position;
    }
    for (let i = 0; i < planes.length; i++) {
      const field = word + planes[i] + part * count;
      if (how !== 'store' || sees || this.ops.checked[field] !== 0) this.#read(field);
      else this.store(field);
    }
  }

  /** One object after the other is looked at, up to the first that fits. */
  #claim(node: number, base: number, count: number): void {
    const { nodes } = this.system.program.automaton;
    for (let i = 0; i < count; i++) {
      this.#read(base + i);
      if (this.#machines.hasTag(nodes[node + Field.a], nodes[node + Field.c], this.state[base + i]) !== 0) return;
    }
  }

  #readsOf(node: number): Reads {
    const id = node / NODE_WORDS;
    this.#reads[id] ??= this.#find(node);
    return this.#reads[id] as Reads;
  }

  #find(node: number): Reads {
    const { automaton } = this.system.program;
    const op = automaton.opOf(node);
    const { reads, loads } = registerUseOf(op);
    return {
      accesses: accessesOf(op),
      registers: reads,
      loads: loads === undefined ? -1 : automaton.nodes[node + Field.target],
      sees: op.recordings.length > 0,
    };
  }
}
