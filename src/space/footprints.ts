/**
 * Footprints: which words of shared memory the ops of a completed automaton may touch, and what an actor may still touch
 * from a node on.
 *
 * Three kinds of access: a read, a write, and a change of the actor's own bit in a holder word. Two changes of own bits
 * commute, as do two reads; all else on one word does not. Sets are bit sets over units: the words, or the regions where
 * a model has very many words. Used by order reduction.
 */

import { AGAIN, Field, Flag, NODE_WORDS } from '../core/automaton/automaton.js';
import { accessesOf, type WordAccess, wordsOfAccess } from '../core/ops/accesses.js';
import type { Program } from '../core/program/program.js';
import { type Completion, THROWS } from './complete.js';
import type { LocalView } from './local-view.js';

/** Models with more words than this are looked at region by region. */
const MOST_WORDS = 512;

/** What ops touch: one bit set after the other, `length` words each: reads, writes, own bits. */
export class Footprint {
  readonly bits: Uint32Array;
  /** Of the bits as they are; undefined when nobody has asked. */
  #opposed: Uint32Array | undefined;

  constructor(readonly length: number) {
    this.bits = new Uint32Array(length * 3);
  }

  /** Adds what another footprint holds; whether that was anything new. */
  add(other: Footprint): boolean {
    let changed = 0;
    this.#opposed = undefined;
    for (let i = 0; i < this.bits.length; i++) {
      const before = this.bits[i];
      this.bits[i] |= other.bits[i];
      changed |= before ^ this.bits[i];
    }
    return changed !== 0;
  }

  /** Whether the order of something with this footprint and something with the other may matter. */
  conflicts(other: Footprint): boolean {
    const theirs = other.opposed();
    for (let i = 0; i < this.bits.length; i++) if ((this.bits[i] & theirs[i]) !== 0) return true;
    return false;
  }

  /** As many words as a footprint has: what has a bit in common with them conflicts with this one. */
  opposed(): Uint32Array {
    this.#opposed ??= this.#oppose();
    return this.#opposed;
  }

  #oppose(): Uint32Array {
    const { length, bits } = this;
    const opposed = new Uint32Array(bits.length);
    for (let i = 0; i < length; i++) {
      const [reads, writes, own] = [bits[i], bits[length + i], bits[2 * length + i]];
      opposed[i] = writes | own;
      opposed[length + i] = reads | writes | own;
      opposed[2 * length + i] = reads | writes;
    }
    return opposed;
  }

  /** Whether a unit may be changed. */
  changes(unit: number): boolean {
    const [at, bit] = [unit >> 5, 1 << (unit & 31)];
    return ((this.bits[this.length + at] | this.bits[2 * this.length + at]) & bit) !== 0;
  }

  /** Whether a unit may be touched at all. */
  touches(unit: number): boolean {
    return this.changes(unit) || (this.bits[unit >> 5] & (1 << (unit & 31))) !== 0;
  }

  /** Notes an access. */
  set(access: 'read' | 'write' | 'own', unit: number): void {
    this.#opposed = undefined;
    const kind = access === 'read' ? 0 : access === 'write' ? 1 : 2;
    this.bits[kind * this.length + (unit >> 5)] |= 1 << (unit & 31);
  }
}

/** Footprints over one completed automaton. */
export class Footprints {
  /** Number of units. */
  readonly units: number;
  readonly #byWord: boolean;
  readonly #length: number;
  readonly #own = new Map<number, Footprint>();
  readonly #future = new Map<number, Footprint>();

  /** @param merged which nodes are equivalent, if that is known: those touch the same, and are looked at once */
  constructor(
    readonly program: Program,
    readonly completion: Completion,
    readonly merged?: LocalView,
  ) {
    const { layout } = program;
    this.#byWord = layout.words <= MOST_WORDS;
    this.units = this.#byWord ? layout.words : layout.regions.length;
    this.#length = (this.units + 31) >> 5;
    const nodes = completion.nodes.filter((node) => this.#one(node) === node);
    for (const node of nodes) this.#own.set(node, this.#ofOp(node));
    this.#complete(nodes);
  }

  /** The unit that a word belongs to. */
  unitOf(word: number): number {
    if (this.#byWord) return word;
    return this.program.layout.regions.findIndex(
      ({ base, count, width }) => word >= base && word < base + count * width,
    );
  }

  /** An empty footprint. */
  empty(): Footprint {
    return new Footprint(this.#length);
  }

  /** What the op at a node may touch. */
  own(node: number): Footprint {
    return this.#own.get(this.#one(node)) ?? this.empty();
  }

  /** What the ops from a node to the end of its call may touch, its own with them. */
  future(node: number): Footprint {
    return this.#future.get(this.#one(node)) ?? this.empty();
  }

  /** The node that stands for all which are equivalent to one. */
  #one(node: number): number {
    return this.merged?.representative(node) ?? node;
  }

  /** Backwards to a fixed point: retry loops go round. */
  #complete(nodes: readonly number[]): void {
    const { edges } = this.completion;
    for (const node of nodes) {
      const footprint = this.empty();
      footprint.add(this.own(node));
      this.#future.set(node, footprint);
    }
    for (let changed = true; changed; ) {
      changed = false;
      for (let i = nodes.length - 1; i >= 0; i--) {
        const footprint = this.future(nodes[i]);
        for (const edge of edges.get(nodes[i])?.edges ?? []) {
          if (edge !== THROWS && footprint.add(this.future(edge & ~AGAIN))) changed = true;
        }
      }
    }
  }

  #ofOp(node: number): Footprint {
    const footprint = this.empty();
    const { op } = this.program.automaton.infos[node / NODE_WORDS];
    for (const access of op === undefined ? [] : accessesOf(op)) {
      for (const unit of this.#unitsOf(access)) {
        if (access.how === 'own-bit') footprint.set('own', unit);
        if (access.how === 'load' || access.how === 'rmw') footprint.set('read', unit);
        if (access.how === 'store' || access.how === 'rmw') footprint.set('write', unit);
      }
    }
    return footprint;
  }

  /** Adds what the step from a node touches: its op, and those that are atomic with it. */
  addStep(step: Footprint, node: number): void {
    const { nodes } = this.program.automaton;
    const met = new Set([node]);
    for (const at of met) {
      step.add(this.own(at));
      for (const edge of this.completion.edges.get(at)?.edges ?? []) {
        if (edge !== THROWS && (nodes[(edge & ~AGAIN) + Field.flags] & Flag.Continues) !== 0) met.add(edge & ~AGAIN);
      }
    }
  }

  /** Units of the word that is accessed, or of all that it may be when it is not known which. */
  #unitsOf(access: WordAccess): readonly number[] {
    return this.#byWord ? wordsOfAccess(access) : [this.program.layout.regions.indexOf(access.region)];
  }
}
