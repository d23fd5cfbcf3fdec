/**
 * Readiness: which actors can take a step.
 *
 * An op that may have to wait is looked at when its actor arrives there and again when a word it waits on changes;
 * every other op can run at once. Sets of actors are bits of one word here; wide-readiness.ts is this for more actors than
 * that. Used by the executor only.
 */

import {
  DONE as DONE_NODE,
  Flag,
  Field as NodeField,
  WORD_LOW as TABLE_LOW,
  WORD_SPAN as TABLE_SPAN,
} from '../automaton/automaton.js';
import { BLOCKED, Opcode as OpcodeOf } from '../ops/op.js';
import type { After, ProgramActor } from '../program/program.js';
import { EDGE_BLOCKED, type Effects } from './effects.js';
import { CHECKED as CHECKED_BIT, type Memory } from './memory.js';

// The compiler folds a module's own constants into the code but looks imported ones up at every use.
const CHECKED = CHECKED_BIT;
const DONE = DONE_NODE;
const Field = NodeField;
const Opcode = OpcodeOf;
const WORD_LOW = TABLE_LOW;
const WORD_SPAN = TABLE_SPAN;
const { Blocks } = Flag;

/** Words of an actor's block before its registers: node, number of completed calls. */
export const BLOCK_HEAD = 2;

/** For each set of up to eight bits and each place among its ones, the bit. */
const NTH_BIT = Uint8Array.from({ length: 256 * 8 }, (_, entry) => {
  const bits = [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => ((entry >> 3) & (1 << bit)) !== 0);
  return bits[entry & 7] ?? 0;
});

/** The masks of a moment, for going back to it. */
export interface Moment {
  readonly mask: number;
  readonly count: number;
  readonly unfinished: number;
  readonly listening: number;
  readonly gated: number;
  /** Of more than thirty actors: which of them can run, listen, wait for calls (wide-readiness.ts). */
  readonly flags?: Uint8Array;
}

/** Keeps the list of runnable actors. */
export class Readiness {
  declare protected readonly effects: Effects;
  declare protected readonly memory: Memory;
  declare protected readonly scripts: readonly ProgramActor[];
  /** Actors that can take a step. */
  mask = 0;
  /** Their number. */
  count = 0;
  /** Actors that have not finished all their calls. */
  unfinished = 0;
  /** Actors whose pending op may have to wait, and CHECKED for the checks: whose interest in a word counts now. */
  listening: number = CHECKED;
  /** Actors that were last seen at the beginning of a call which waits for calls of others. */
  #gated = 0;
  /** Actors that must finish. */
  readonly #required: number;
  declare protected readonly listed: Int32Array;
  /** The mask that `listed` lists. */
  #listedMask = 0;
  declare protected readonly hasGates: boolean;
  /** An actor's block, where its node is, is at `firstBlock + actor * blockWords`. */
  declare private readonly firstBlock: number;
  declare private readonly blockWords: number;

  constructor(effects: Effects, memory: Memory, scripts: readonly ProgramActor[]) {
    this.effects = effects;
    this.memory = memory;
    this.scripts = scripts;
    this.#required = scripts.reduce((mask, { daemon }, actor) => (daemon ? mask : mask | (1 << actor)), 0);
    const { layout, registers } = effects.program;
    this.firstBlock = layout.words;
    this.blockWords = BLOCK_HEAD + registers;
    this.listed = new Int32Array(scripts.length);
    this.hasGates = scripts.some(({ calls }) => calls.some(({ after }) => after.length > 0));
  }

  /** Looks at all actors afresh. */
  scan(): void {
    let mask = 0;
    this.unfinished = 0;
    this.listening = CHECKED;
    this.#gated = 0;
    this.memory.woken = 0;
    for (let actor = 0; actor < this.scripts.length; actor++) {
      const node = this.memory.state[this.blockOf(actor)];
      if (node === DONE) continue;
      this.unfinished |= 1 << actor;
      if (!this.mayWait(actor, node) || this.enabled(actor, node)) mask |= 1 << actor;
    }
    this.#setMask(mask);
  }

  /** Whether an actor can take a step. */
  canRun(actor: number): boolean {
    return (this.mask & (1 << actor)) !== 0;
  }

  /** Whether every actor that must finish has finished. */
  get complete(): boolean {
    return (this.unfinished & this.#required) === 0;
  }

  /** The actors that can take a step, ascending; valid up to `count`, until the next step. */
  list(): Int32Array {
    if (this.#listedMask === this.mask) return this.listed;
    this.#listedMask = this.mask;
    let count = 0;
    for (let rest = this.mask; rest !== 0; rest &= rest - 1) this.listed[count++] = 31 - Math.clz32(rest & -rest);
    return this.listed;
  }

  /** Whether everybody who has not finished can run. */
  get nobodyWaits(): boolean {
    return this.mask === this.unfinished;
  }

  /** The actor at a place of the list. */
  nth(place: number): number {
    const { mask } = this;
    if (mask < 256) return NTH_BIT[(mask << 3) | place];
    let rest = mask;
    for (let i = 0; i < place; i++) rest &= rest - 1;
    return 31 - Math.clz32(rest & -rest);
  }

  /** The present moment, for `restore`. */
  moment(): Moment {
    const { mask, count, unfinished, listening } = this;
    return { mask, count, unfinished, listening, gated: this.#gated };
  }

  /** Goes back to a moment; the state must be the one of that moment again. */
  restore({ mask, count, unfinished, listening, gated }: Moment): void {
    this.unfinished = unfinished;
    this.listening = listening;
    this.#gated = gated;
    this.memory.woken = 0;
    this.mask = mask;
    this.count = count;
  }

  /** An actor has gone on to an op that can run at once; words may have changed on the way. */
  passed(actor: number): void {
    this.listening &= ~(1 << actor);
    if (this.memory.woken !== 0) this.#wake();
  }

  /** An actor has come to any node; words may have changed on the way. */
  arrived(actor: number, node: number): void {
    const bit = 1 << actor;
    this.listening &= ~bit;
    if (node === DONE) this.#finished(bit);
    else if (this.mayWait(actor, node)) this.memory.woken |= bit;
    if (this.memory.woken !== 0) this.#wake();
  }

  /** An actor completed a call: has those looked at again that may have waited for that. */
  callEnded(): void {
    this.memory.woken |= this.#gated;
  }

  #finished(bit: number): void {
    this.unfinished &= ~bit;
    this.mask &= ~bit;
    this.count--;
  }

  /** Looks again at the waiting actors that were woken. */
  #wake(): void {
    const woken = this.memory.woken & this.listening;
    this.memory.woken = 0;
    if (woken === 0) return;
    const mask = (this.mask | woken) & ~this.#blockedOf(woken);
    if (mask !== this.mask) this.#setMask(mask);
  }

  #setMask(mask: number): void {
    this.mask = mask;
    this.count = bitCount(mask);
  }

  /** Those of the given waiting actors that cannot run. The loop makes no call, which lets the compiler keep it tight. */
  #blockedOf(actors: number): number {
    const { state } = this.memory;
    const { nodes, tables } = this.effects.automaton;
    const firstBlock = this.firstBlock;
    const blockWords = this.blockWords;
    let unknown = actors & this.#gated;
    let blocked = 0;
    for (let rest = actors & ~unknown; rest !== 0; rest &= rest - 1) {
      const actor = 31 - Math.clz32(rest & -rest);
      const node = state[firstBlock + actor * blockWords];
      const word = nodes[node + Field.word];
      const slot = word < 0 ? WORD_SPAN : state[word] - WORD_LOW;
      const edge = slot >>> 0 < WORD_SPAN ? tables[nodes[node + Field.table] + slot * 2] : 0;
      // The sign of an edge says whether it is blocked; no branch on what a processor cannot foresee.
      if (edge === 0) unknown |= 1 << actor;
      blocked |= ((edge >> 31) & 1) << actor;
    }
    return unknown === 0 ? blocked : blocked | this.#blockedFar(unknown);
  }

  #blockedFar(actors: number): number {
    let blocked = 0;
    for (let rest = actors; rest !== 0; rest &= rest - 1) {
      const actor = 31 - Math.clz32(rest & -rest);
      if (!this.enabled(actor, this.memory.state[this.blockOf(actor)])) blocked |= 1 << actor;
    }
    return blocked;
  }

  protected blockOf(actor: number): number {
    return this.firstBlock + actor * this.blockWords;
  }

  /** Whether the op may have to wait; if so, the actor is from now on told of changes. */
  protected mayWait(actor: number, node: number): boolean {
    const bit = 1 << actor;
    const gated = this.hasGates && this.gateOf(actor, node).length > 0;
    if (gated) this.#gated |= bit;
    else this.#gated &= ~bit;
    if (this.isWaitingOp(node)) this.watch(actor, node, actor);
    else if (!gated) return false;
    this.listening |= bit;
    return true;
  }

  /** Whether the op at a node may have to wait for a word. */
  protected isWaitingOp(node: number): boolean {
    return (this.effects.automaton.nodes[node + Field.flags] & Blocks) !== 0;
  }

  /** Sets the bit `bell` in the interest of the words that the op waits on. Interest is never withdrawn: a look too many
   * costs less than keeping count. */
  protected watch(actor: number, node: number, bell: number): void {
    const registers = this.blockOf(actor) + BLOCK_HEAD;
    if (this.effects.automaton.nodes[node + Field.code] === Opcode.Compute) {
      this.effects.computations.watch(bell, node, registers);
    } else {
      this.memory.interest[this.effects.wordOf(node, registers)] |= 1 << bell;
    }
  }

  /** The calls of others that have to end before the call which begins at the node. */
  protected gateOf(actor: number, node: number): readonly After[] {
    const { root, after } = this.scripts[actor].calls[this.memory.state[this.blockOf(actor) + 1]];
    return root.node === node ? after : NO_GATE;
  }

  /** Whether the op of an actor, at a node, can run now. */
  protected enabled(actor: number, node: number): boolean {
    return ((this.#gated & (1 << actor)) === 0 || this.isOpen(actor, node)) && this.isReady(actor, node);
  }

  /** Whether the calls of others have ended that the actor's call, which begins at the node, waits for. */
  protected isOpen(actor: number, node: number): boolean {
    for (const { actor: other, calls } of this.gateOf(actor, node)) {
      if (this.memory.state[this.blockOf(other) + 1] < calls) return false;
    }
    return true;
  }

  /** Whether what the op waits for is there. */
  protected isReady(actor: number, node: number): boolean {
    if (!this.isWaitingOp(node)) return true;
    const { nodes } = this.effects.automaton;
    const registers = this.blockOf(actor) + BLOCK_HEAD;
    switch (nodes[node + Field.code]) {
      case Opcode.Word:
        return this.#wordEnabled(node, this.memory.state[this.effects.wordOf(node, registers)]);
      case Opcode.Latch:
        return this.effects.latches.enabled(actor, node, this.effects.wordOf(node, registers));
      default:
        return this.effects.computations.run(node, registers, false) !== BLOCKED;
    }
  }

  #wordEnabled(node: number, seen: number): boolean {
    const slot = seen - WORD_LOW;
    if (slot >>> 0 >= WORD_SPAN) return this.effects.wordFunction(node).enabled?.(seen) ?? true;
    const { nodes, tables } = this.effects.automaton;
    const entry = nodes[node + Field.table] + slot * 2;
    const edge = tables[entry];
    if (edge !== 0) return edge !== EDGE_BLOCKED;
    // The edge itself is only derived when the op runs; that it is blocked can be noted now.
    if (this.effects.wordFunction(node).enabled?.(seen) ?? true) return true;
    tables[entry] = EDGE_BLOCKED;
    return false;
  }
}

const NO_GATE: readonly After[] = [];

/** Number of bits that are set. */
export function bitCount(mask: number): number {
  let count = mask - ((mask >> 1) & 0x55555555);
  count = (count & 0x33333333) + ((count >> 2) & 0x33333333);
  return (((count + (count >> 4)) & 0x0f0f0f0f) * 0x01010101) >> 24;
}
