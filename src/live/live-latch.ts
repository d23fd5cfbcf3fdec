/**
 * Live latches: the guarded updates of locks and tokens on words of the model, as the other engines make them
 * (core/run/latches.ts). Where every step excludes every other, whatever a latch can say is a step like any other: who
 * holds and who waits, a try that fails past a queue, a lock and a cell in one section. Used by the live ops.
 */

import {
  isLatchMisuse,
  LATCH_DONE,
  LatchMode,
  latchOutcome,
  latchWaits,
  lineFull,
  nestedTooDeep,
} from '../core/ops/latch.js';
import { isOutOfLine, LINE_FULL, LINE_WAITS, type Line, type LineWords, stepLine } from '../core/ops/latch-line.js';
import { latchWord } from '../core/run/latches.js';
import type { LiveChecks } from './live-checks.js';
import type { LiveNode } from './live-node.js';
import { LIVE_DISTURBED, LIVE_MISUSED, LIVE_WAITS } from './live-outcome.js';
import { Guard, type Section } from './stripes.js';

const { Test, Enter, Leave, Await } = LatchMode;
const ONE_PLANE: readonly number[] = [0];

/** The latches of one thread. A node's `a` holds the packed update, `b` the number of words, `c` their distance. */
export class LiveLatches {
  constructor(
    readonly model: Int32Array,
    readonly section: Section,
    readonly checks: LiveChecks,
  ) {}

  /** Runs the latch op at a node on the latch that begins at a word: its result, LIVE_WAITS, LIVE_MISUSED or LIVE_DISTURBED. */
  run(actor: number, node: LiveNode, word: number): number {
    const { a: update } = node;
    const mode = update >> 24;
    if (mode >= Enter) {
      return mode <= Leave ? this.#count(actor, node, word, mode === Enter) : this.#line(actor, node, word, mode);
    }
    const holders = this.#holders(actor, node, word);
    if (mode === Test) return (holders & (update >> 3) & 7) !== 0 ? 1 : 0;
    if (isLatchMisuse(update, holders)) return LIVE_MISUSED;
    if (latchWaits(update, holders)) return LIVE_WAITS;
    const outcome = latchOutcome(update, holders);
    if ((outcome & (LATCH_DONE - 1)) !== 0) {
      if (!this.#isHeld()) return LIVE_DISTURBED;
      this.#change(actor, node, word, outcome);
    }
    return outcome >> 9;
  }

  /** Whether the latch op at a node could run now. A misuse never waits: it is reported by the step. */
  enabled(actor: number, node: LiveNode, word: number): boolean {
    if (node.a >> 24 === Await) return isOutOfLine(this.#wordsOf(node), lineOf(actor, node, word));
    const holders = this.#holders(actor, node, word);
    return !latchWaits(node.a, holders) || isLatchMisuse(node.a, holders);
  }

  /** The words of a latch as bits: 1, 2, 4 where the actor's own bit is set; 8, 16, 32 where anybody's is. */
  #holders(actor: number, { b: width, c: stride }: LiveNode, word: number): number {
    let holders = 0;
    for (let k = 0, at = word; k < width; k++, at += stride) {
      const held = Atomics.load(this.model, at);
      if (held !== 0) holders |= (((held >> actor) & 1) | 8) << k;
    }
    return holders;
  }

  #change(actor: number, node: LiveNode, word: number, outcome: number): void {
    const { b: width, c: stride } = node;
    for (let k = 0, at = word; k < width; k++, at += stride) {
      const held = Atomics.load(this.model, at);
      const value = latchWord(held, outcome >> k, 1 << actor);
      if (value !== held) this.#store(node, at, value);
    }
  }

  /** Counts the actor's holds up or down: its bit is in as many words, from the first on. */
  #count(actor: number, node: LiveNode, word: number, up: boolean): number {
    const { b: width, c: stride } = node;
    const bit = 1 << actor;
    let depth = 0;
    while (depth < width && (Atomics.load(this.model, word + depth * stride) & bit) !== 0) depth++;
    if (!up && depth === 0) return LIVE_MISUSED;
    if (!this.#isHeld()) return LIVE_DISTURBED;
    if (up && depth === width) throw nestedTooDeep(node.op!.spec);
    const at = word + (up ? depth : depth - 1) * stride;
    this.#store(node, at, Atomics.load(this.model, at) ^ bit);
    return 0;
  }

  #line(actor: number, node: LiveNode, word: number, mode: number): number {
    if (mode !== Await && !this.#isHeld()) return LIVE_DISTURBED;
    const result = stepLine(this.#wordsOf(node), lineOf(actor, node, word), mode);
    if (result === LINE_WAITS) return LIVE_WAITS;
    if (result === LINE_FULL) throw lineFull(node.op!.spec);
    return result;
  }

  #wordsOf(node: LiveNode): LineWords {
    return {
      load: (at) => Atomics.load(this.model, at),
      store: (at, value) => {
        if (Atomics.load(this.model, at) !== value) this.#store(node, at, value);
      },
    };
  }

  #store(node: LiveNode, at: number, value: number): void {
    Atomics.store(this.model, at, value);
    if (node.checked) this.checks.changed(node, at, value);
  }

  #isHeld(): boolean {
    return this.section.guard !== Guard.Reading || this.section.hold();
  }
}

/** A live run keeps latches as words for up to thirty actors only. */
function lineOf(actor: number, { b: width, c: stride }: LiveNode, word: number): Line {
  return { first: word, width, stride, planes: ONE_PLANE, plane: 0, bit: 1 << actor };
}
