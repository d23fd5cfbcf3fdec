/**
 * Latches at run time: the guarded updates of `latch.ts` on words that hold one bit per actor. wide-latches.ts is this for
 * more actors than that. Used by effects and by readiness.
 */

import { type Automaton, Field as NodeField } from '../automaton/automaton.js';
import { isLatchMisuse, LatchMode, latchOutcome, latchWaits, lineFull, nestedTooDeep } from '../ops/latch.js';
import { isOutOfLine, LINE_FULL, LINE_WAITS, type Line, type LineWords, stepLine } from '../ops/latch-line.js';
import { BLOCKED as BLOCKED_RESULT, REFUSED as REFUSED_RESULT } from '../ops/op.js';
import { ACTORS_A_WORD } from '../program/program.js';
import type { Memory } from './memory.js';

// The compiler folds a module's own constants into the code but looks imported ones up at every use.
const Field = NodeField;
const { Test, Enter, Leave, Await } = LatchMode;
const BLOCKED = BLOCKED_RESULT;
const REFUSED = REFUSED_RESULT;
const ONE_PLANE: readonly number[] = [0];
/** Every actor's bit. */
const EVERYONE = (1 << ACTORS_A_WORD) - 1;

/**
 * A word of a latch as an update leaves it.
 *
 * @param outcome as `latchOutcome` says, shifted to the word's place
 * @param bit the actor's own in it; 0 where it has none
 */
export function latchWord(held: number, outcome: number, bit: number): number {
  const whole = (outcome & 0o100) !== 0 ? EVERYONE : held;
  const more = (outcome & 1) !== 0 ? whole | bit : whole;
  return (outcome & 0o10) !== 0 ? more & ~bit : more;
}

/** Runs latch ops. A node's `a` holds the packed update, `b` the number of words, `stride` their distance. */
export class Latches {
  declare protected readonly automaton: Automaton;
  declare protected readonly memory: Memory;

  readonly #words: LineWords;

  constructor(automaton: Automaton, memory: Memory) {
    this.automaton = automaton;
    this.memory = memory;
    this.#words = {
      load: (at) => memory.state[at],
      store: (at, value) => {
        if (memory.state[at] !== value) memory.store(at, value);
      },
    };
  }

  /** Runs the latch op at a node on the latch that begins at a word; its result, BLOCKED or REFUSED. */
  run(actor: number, node: number, word: number): number {
    const { nodes } = this.automaton;
    const update = nodes[node + Field.a];
    const mode = update >> 24;
    if (mode >= Enter) {
      return mode <= Leave ? this.count(actor, node, word, mode === Enter) : this.#line(actor, node, word, mode);
    }
    const holders = this.holders(actor, node, word);
    if (mode === Test) return (holders & (update >> 3) & 7) !== 0 ? 1 : 0;
    if (isLatchMisuse(update, holders)) return this.misuse(node);
    if (latchWaits(update, holders)) return BLOCKED;
    const outcome = latchOutcome(update, holders);
    this.change(actor, node, word, outcome);
    return outcome >> 9;
  }

  /** Whether the latch op at a node can run now. A misuse never waits: it is reported by the step. */
  enabled(actor: number, node: number, word: number): boolean {
    const update = this.automaton.nodes[node + Field.a];
    if (update >> 24 === Await) return isOutOfLine(this.#words, this.lineOf(actor, node, word));
    const holders = this.holders(actor, node, word);
    return !latchWaits(update, holders) || (holders & update & 7) !== 0;
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

  /** @param outcome as `latchOutcome` says: which words change */
  protected change(actor: number, node: number, word: number, outcome: number): void {
    const { nodes } = this.automaton;
    const { state } = this.memory;
    const width = nodes[node + Field.b];
    const stride = nodes[node + Field.stride];
    for (let k = 0, at = word; k < width; k++, at += stride) {
      const held = state[at];
      const value = latchWord(held, outcome >> k, 1 << actor);
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

  /** The line that begins at a word, for an actor. */
  protected lineOf(actor: number, node: number, word: number): Line {
    const { nodes } = this.automaton;
    const [width, stride] = [nodes[node + Field.b], nodes[node + Field.stride]];
    return { first: word, width, stride, planes: ONE_PLANE, plane: 0, bit: 1 << actor };
  }

  #line(actor: number, node: number, word: number, mode: number): number {
    const result = stepLine(this.#words, this.lineOf(actor, node, word), mode);
    if (result === LINE_WAITS) return BLOCKED;
    if (result === LINE_FULL) throw lineFull(this.automaton.opOf(node).spec);
    if (mode !== Await) this.memory.wake(word);
    return result;
  }

  protected misuse(node: number): number {
    const { label, misuse, region } = this.automaton.opOf(node).spec;
    const name = region?.name ?? 'lock';
    const words = `the task does ${label.replace('%', name)} although ${misuse || 'it may not'}`;
    this.memory.checks.report({ kind: 'lock-misuse', words, rule: `${name} rules` });
    return REFUSED;
  }
}
