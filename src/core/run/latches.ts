/**
 * Latches at run time: the guarded updates of `latch.ts` on words that hold one bit per actor. wide-latches.ts is this for
 * more actors than that. Used by effects and by readiness.
 */

import { type Automaton, Field as NodeField } from '../automaton/automaton.js';
import { LatchMode, nestedTooDeep } from '../ops/latch.js';
import { BLOCKED as BLOCKED_RESULT, REFUSED as REFUSED_RESULT } from '../ops/op.js';
import { ACTORS_A_WORD } from '../program/program.js';
import type { Memory } from './memory.js';

// The compiler folds a module's own constants into the code but looks imported ones up at every use.
const Field = NodeField;
const { Wait, Queue, Test, Enter } = LatchMode;
const BLOCKED = BLOCKED_RESULT;
const REFUSED = REFUSED_RESULT;
/** Every actor's bit. */
const EVERYONE = (1 << ACTORS_A_WORD) - 1;

/** Runs latch ops. A node's `a` holds the packed update, `b` the number of words, `stride` their distance. */
export class Latches {
  declare protected readonly automaton: Automaton;
  declare protected readonly memory: Memory;

  constructor(automaton: Automaton, memory: Memory) {
    this.automaton = automaton;
    this.memory = memory;
  }

  /** Runs the latch op at a node on the latch that begins at a word; its result, BLOCKED or REFUSED. */
  run(actor: number, node: number, word: number): number {
    const { nodes } = this.automaton;
    const update = nodes[node + Field.a];
    const mode = update >> 24;
    if (mode >= Enter) return this.count(actor, node, word, mode === Enter);
    const holders = this.holders(actor, node, word);
    const mine = (update >> 3) & 7;
    if (mode === Test) return (holders & mine) !== 0 ? 1 : 0;
    if ((holders & update & 7) !== 0 || (mine !== 0 && (holders & mine) === 0)) return this.misuse(node);
    if (((holders >> 3) & (update >> 21) & 7) !== 0) return BLOCKED;
    let set = (update >> 9) & 7;
    let clear = (update >> 12) & 7;
    let fill = (update >> 15) & 7;
    let result = mode === Wait ? 0 : 1;
    if (((holders >> 3) & (update >> 6) & 7) !== 0) {
      result = 0;
      set = mode === Queue ? (update >> 18) & 7 : 0;
      clear = 0;
      fill = 0;
    }
    this.change(actor, node, word, set, clear, fill);
    return result;
  }

  /** Whether the latch op at a node can run now. A misuse never waits: it is reported by the step. */
  enabled(actor: number, node: number, word: number): boolean {
    const update = this.automaton.nodes[node + Field.a];
    const holders = this.holders(actor, node, word);
    return ((holders >> 3) & (update >> 21) & 7) === 0 || (holders & update & 7) !== 0;
  }

  /** The words of a latch as bits: 1, 2, 4 where the actor's own bit is set; 8, 16, 32 where anybody's is. */
  protected holders(actor: number, node: number, word: number): number {
    const { nodes } = this.automaton;
    const { state } = this.memory;
    const width = nodes[node + Field.b];
    const stride = nodes[node + Field.stride];
    let holders = 0;
    for (let k = 0, at = word; k < width; k++, at += stride) {
      const held = state[at];
      if (held !== 0) holders |= (((held >> actor) & 1) | 8) << k;
    }
    return holders;
  }

  protected change(actor: number, node: number, word: number, set: number, clear: number, fill: number): void {
    const { nodes } = this.automaton;
    const { state } = this.memory;
    const width = nodes[node + Field.b];
    const stride = nodes[node + Field.stride];
    for (let k = 0, at = word; k < width; k++, at += stride) {
      const held = state[at];
      const whole = ((fill >> k) & 1) === 1 ? EVERYONE : held;
      const value = (whole | (((set >> k) & 1) << actor)) & ~(((clear >> k) & 1) << actor);
      if (value === held) continue;
      // Who waits for a latch asked to hear of its first word, whichever of its words changes.
      this.memory.wake(word);
      this.memory.store(at, value);
    }
  }

  /** Counts the actor's holds up or down: its bit is in as many words, from the first on. */
  protected count(actor: number, node: number, word: number, up: boolean): number {
    const { nodes } = this.automaton;
    const { state } = this.memory;
    const width = nodes[node + Field.b];
    const stride = nodes[node + Field.stride];
    const bit = 1 << actor;
    let depth = 0;
    while (depth < width && (state[word + depth * stride] & bit) !== 0) depth++;
    if (up && depth === width) throw nestedTooDeep(this.automaton.opOf(node).spec);
    if (!up && depth === 0) return this.misuse(node);
    const at = word + (up ? depth : depth - 1) * stride;
    this.memory.wake(word);
    this.memory.store(at, state[at] ^ bit);
    return 0;
  }

  protected misuse(node: number): number {
    const { label, misuse, region } = this.automaton.opOf(node).spec;
    const name = region?.name ?? 'lock';
    const words = `the task does ${label.replace('%', name)} although ${misuse || 'it may not'}`;
    this.memory.checks.report({ kind: 'lock-misuse', words, rule: `${name} rules` });
    return REFUSED;
  }
}
