/**
 * Facts: of each step of a program, whether its order among the steps of others may matter.
 *
 * A step that cannot race is run at once by every strategy: it commutes with whatever others do. The facts were learned
 * (sharing.ts) and are plain data, so that they can travel; every thread judges its own nodes by them, and all judge
 * alike. Used by the runner and the strategies.
 */

import { NODE_WORDS } from '../core/automaton/automaton.js';
import { grown } from '../core/grown.js';
import { isFailure } from '../core/ops/accesses.js';
import type { Program } from '../core/program/program.js';
import { sectionText } from './op-classes.js';
import { wordsTouchedBy } from './op-words.js';
import type { RacingFacts } from './sharing.js';

/** A node is named by its offset. */
const NODE_BITS = Math.log2(NODE_WORDS);

/** What is known of a node. */
const UNKNOWN = 0;
const PRIVATE = 1;
const VISIBLE = 2;

/** Steps that cannot race which are run at once in a row, before others get their turn: an actor may go round by itself. */
export const MOST_AT_ONCE = 200;

/** Judges the nodes of one automaton. */
export class Facts {
  /** By word: whether it is raced for. */
  readonly #words: Uint8Array;
  readonly #quiet: Set<string>;
  /** By number of a node. */
  #judged: Uint8Array<ArrayBuffer>;

  constructor(
    readonly program: Program,
    readonly racing: RacingFacts,
  ) {
    this.#words = new Uint8Array(program.layout.words);
    for (const word of racing.words) this.#words[word] = 1;
    this.#quiet = new Set(racing.quiet);
    this.#judged = new Uint8Array(program.automaton.size * 2 + 1024);
  }

  /** Whether the step that begins at a node is known to be one that may race. For loops that ask at every step. */
  isKnownToRace(node: number): boolean {
    return this.#judged[node >> NODE_BITS] === VISIBLE;
  }

  /** Whether the step that begins at a node cannot race. */
  isPrivate(node: number): boolean {
    const judged = this.#judged;
    const id = node >> NODE_BITS;
    if (id < judged.length) {
      const known = judged[id];
      if (known !== UNKNOWN) return known === PRIVATE;
    }
    return this.#judge(node, id);
  }

  #judge(node: number, id: number): boolean {
    if (id >= this.#judged.length) this.#judged = grown(this.#judged, id * 2);
    const isPrivate = this.#isPrivate(node);
    this.#judged[id] = isPrivate ? PRIVATE : VISIBLE;
    return isPrivate;
  }

  #isPrivate(node: number): boolean {
    const { automaton } = this.program;
    const { op, atomic } = automaton.info(node);
    if (op === undefined) return false;
    if (atomic !== undefined) return this.#quiet.has(sectionText(automaton, node));
    // It ends the run, and so it does not commute: what others would have broken is not seen (sharing.ts).
    if (isFailure(op.spec)) return false;
    return wordsTouchedBy(op).every(({ word }) => this.#words[word] !== 1);
  }
}
