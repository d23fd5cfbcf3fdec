/**
 * Wide latches: latches at run time in a program of more actors than a word has bits for.
 *
 * Such a latch is there once for each thirty actors (`planes` of its region): an actor's own bit lies in one of these, and
 * who asks whether anybody's is set looks at all. Whoever waits asked to hear of the first word of the first. Used by
 * effects.
 */

import { Field as NodeField } from '../automaton/automaton.js';
import { LatchMode, nestedTooDeep } from '../ops/latch.js';
import type { Line } from '../ops/latch-line.js';
import { ACTORS_A_WORD } from '../program/program.js';
import { Latches, latchWord } from './latches.js';

// The compiler folds a module's own constants into the code but looks imported ones up at every use.
const Field = NodeField;
const BITS = ACTORS_A_WORD;
const { Await } = LatchMode;

/** Runs latch ops of a wide program. */
export class WideLatches extends Latches {
  /** The op, and the first word of its latch, that was asked about last since words may have changed; -1 for none. */
  #askedNode = -1;
  #askedWord = -1;
  /** Whether the words that it waits for were empty. */
  #isFree = false;

  /** Words may have changed since `enabled` was asked last. */
  ask(): void {
    this.#askedNode = -1;
  }

  /** Most often many actors wait in one op for one latch, and what they wait for is looked at once for all. */
  override enabled(actor: number, node: number, word: number): boolean {
    if (this.automaton.nodes[node + Field.a] >> 24 === Await) return super.enabled(actor, node, word);
    if (node !== this.#askedNode || word !== this.#askedWord) {
      this.#isFree = this.#areEmpty(node, word);
      this.#askedNode = node;
      this.#askedWord = word;
    }
    return this.#isFree || this.#misuses(actor, node, word);
  }

  /** Whether nobody has a bit in the words that the op waits for. */
  #areEmpty(node: number, word: number): boolean {
    const { nodes } = this.automaton;
    const stride = nodes[node + Field.stride];
    for (const distance of this.#planesOf(node)) {
      let rest = (nodes[node + Field.a] >> 21) & 7;
      for (let at = word + distance; rest !== 0; rest >>= 1, at += stride) {
        if ((rest & 1) !== 0 && this.memory.state[at] !== 0) return false;
      }
    }
    return true;
  }

  /** Whether the actor may not do the op as it is: a misuse never waits. */
  #misuses(actor: number, node: number, word: number): boolean {
    const { nodes } = this.automaton;
    const notMine = nodes[node + Field.a] & 7;
    const at = word + this.#planesOf(node)[(actor / BITS) | 0];
    const stride = nodes[node + Field.stride];
    for (let rest = notMine, k = at; rest !== 0; rest >>= 1, k += stride) {
      if ((rest & 1) !== 0 && ((this.memory.state[k] >> (actor % BITS)) & 1) !== 0) return true;
    }
    return false;
  }

  protected override holders(actor: number, node: number, word: number): number {
    const { nodes } = this.automaton;
    const { state } = this.memory;
    const width = nodes[node + Field.b];
    const stride = nodes[node + Field.stride];
    const planes = this.#planesOf(node);
    const own = (actor / BITS) | 0;
    let holders = 0;
    for (let plane = 0; plane < planes.length; plane++) {
      for (let k = 0, at = word + planes[plane]; k < width; k++, at += stride) {
        const held = state[at];
        if (held === 0) continue;
        holders |= 8 << k;
        if (plane === own) holders |= ((held >> (actor % BITS)) & 1) << k;
      }
    }
    return holders;
  }

  protected override change(actor: number, node: number, word: number, outcome: number): void {
    const { nodes } = this.automaton;
    const { state } = this.memory;
    const width = nodes[node + Field.b];
    const stride = nodes[node + Field.stride];
    const planes = this.#planesOf(node);
    for (let plane = 0; plane < planes.length; plane++) {
      const bit = plane === ((actor / BITS) | 0) ? 1 << (actor % BITS) : 0;
      for (let k = 0, at = word + planes[plane]; k < width; k++, at += stride) {
        const held = state[at];
        const value = latchWord(held, outcome >> k, bit);
        if (value === held) continue;
        this.memory.wake(word);
        this.memory.store(at, value);
      }
    }
  }

  protected override count(actor: number, node: number, word: number, up: boolean): number {
    const { nodes } = this.automaton;
    const { state } = this.memory;
    const width = nodes[node + Field.b];
    const stride = nodes[node + Field.stride];
    const first = word + this.#planesOf(node)[(actor / BITS) | 0];
    const bit = 1 << (actor % BITS);
    let depth = 0;
    while (depth < width && (state[first + depth * stride] & bit) !== 0) depth++;
    if (up && depth === width) throw nestedTooDeep(this.automaton.opOf(node).spec);
    if (!up && depth === 0) return this.misuse(node);
    const at = first + (up ? depth : depth - 1) * stride;
    this.memory.wake(word);
    this.memory.store(at, state[at] ^ bit);
    return 0;
  }

  protected override lineOf(actor: number, node: number, word: number): Line {
    const planes = this.#planesOf(node);
    return { ...super.lineOf(actor, node, word), planes, plane: planes[(actor / BITS) | 0], bit: 1 << (actor % BITS) };
  }

  #planesOf(node: number): readonly number[] {
    return this.automaton.opOf(node).spec.region!.planes;
  }
}
