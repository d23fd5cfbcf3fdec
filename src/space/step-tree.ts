/**
 * Step tree: steps remembered as decision trees over packed states.
 *
 * What a step does is decided by the few fields that it reads (read-log.ts). The first time that they hold what they hold,
 * the interpreter takes the step and says what it read, one field after the other, and what came of it; that is a path
 * from the root of the actor's local state, an inner node a field, and a leaf: the bits to keep of each packed word, and
 * those to set. Every other state with these codes in these fields takes the same path, and nothing has to be unpacked. It is
 * partial evaluation of the step, as far as it is needed: no op is known here. Steps that break something are not
 * remembered, for the search has to see what they do. Used by the search.
 */

import { grown } from '../core/grown.js';
import { FINISHED, HEAD, ROOT, SLOW, TABLES, UNKNOWN, WAITS } from '../kernels/tree-words.js';
import type { Packing } from './pack.js';
import type { Stepper } from './stepper.js';
import type { System } from './system.js';

/** Fields of more codes than this decide nothing that is remembered: their nodes would be tables of their own. */
const MOST_CODES = 1 << 10;
/** Words that there is room for at first. */
const FIRST_WORDS = 1 << 12;
/** Words that all trees take together. */
const MOST_WORDS = 1 << 24;

/** A leaf that all share whose step is not remembered. */
const SLOW_LEAF = 1;

/** The remembered steps of one search. */
export class StepTree {
  /**
   * Roots, inner nodes and leaves. A root: the number of answers that the actor may be given, what others note of it, then
   * a tree for each answer. An inner node: word, shift and mask of its field, then a tree for each code. A tree is the place
   * of an inner node, or that of a leaf, complemented, or UNKNOWN. A leaf: flags, then a word of bits to keep and one of bits
   * to set for each packed word. From TABLES on the actors' own nodes: a root for each code of the local state, or UNKNOWN,
   * or FINISHED.
   */
  words = new Int32Array(FIRST_WORDS);
  #used = 0;
  #layout = -1;

  constructor(
    readonly system: System,
    readonly packing: Packing,
  ) {}

  /** Forgets all steps if the packing was laid out anew since `layout`. */
  follow(layout: number): void {
    if (layout === this.#layout) return;
    this.#layout = layout;
    this.words.fill(UNKNOWN, 0, this.#used);
    const { actors, localBase } = this.system;
    const { word, shift, mask } = this.packing.places;
    this.words[SLOW_LEAF] = SLOW;
    this.#used = TABLES + actors;
    for (let actor = 0; actor < actors; actor++) {
      const local = localBase + actor;
      const table = this.allocate(HEAD + mask[local] + 1);
      this.words[TABLES + actor] = table;
      this.words[table] = word[local];
      this.words[table + 1] = shift[local];
      this.words[table + 2] = mask[local];
    }
  }

  /** Forgets all steps the next time that it follows. */
  forget(): void {
    this.#layout = -1;
  }

  /** Goes on with all that is remembered in other memory, which should have room for more; without any, in its own. */
  moveTo(words = new Int32Array(Math.max(this.#used, FIRST_WORDS))): void {
    words.set(this.words.subarray(0, this.#used));
    this.words = words;
  }

  /** The place of so many words that nothing else uses, all UNKNOWN, until all is forgotten. */
  allocate(words: number): number {
    this.#reserve(words);
    const place = this.#used;
    this.#used += words;
    return place;
  }

  /** The root of an actor in the state packed at `base`; FINISHED when it has no step any more. */
  rootOf(packed: Int32Array, base: number, actor: number): number {
    const { words } = this;
    const table = words[TABLES + actor];
    const link = table + HEAD + ((packed[base + words[table]] >>> words[table + 1]) & words[table + 2]);
    const root = words[link];
    return root === UNKNOWN ? this.#plant(actor, link) : root;
  }

  /** How many answers there are to what the actor does next: 1 where it makes no choice. */
  outcomesOf(root: number): number {
    return this.words[root];
  }

  /** The leaf of a step from the state packed at `base`, by the actor's root and the answer to its choice; 0 for none yet. */
  leafOf(packed: Int32Array, base: number, root: number, choice: number): number {
    const { words } = this;
    let at = words[root + ROOT + choice];
    while (at > 0) at = words[at + HEAD + ((packed[base + words[at]] >>> words[at + 1]) & words[at + 2])];
    return at === UNKNOWN ? 0 : ~at;
  }

  /**
   * Remembers the step from the state packed at `base` that the stepper has traced and not taken back. `flags` are
   * StepOutcome's, or WAITS with `way` behind it, or SLOW. What it wrote is in the packing's dictionaries, or it is not
   * remembered this time.
   */
  remember(
    packed: Int32Array,
    base: number,
    root: number,
    choice: number,
    stepper: Stepper,
    flags: number,
    way: number,
  ): void {
    const { reads } = stepper;
    const leaf = flags === SLOW || !reads.isWhole ? SLOW_LEAF : this.#newLeaf(stepper, flags, way);
    if (leaf === 0) return;
    let link = root + ROOT + choice;
    const { places } = this.packing;
    const { fields } = reads;
    for (let i = 0; i < reads.length; i++) {
      const field = fields[i];
      const mask = places.mask[field];
      if (mask === 0) continue;
      const [word, shift] = [places.word[field], places.shift[field]];
      let at = this.words[link];
      if (at === UNKNOWN) {
        if (mask >= MOST_CODES || !this.#hasRoom(HEAD + mask + 1)) {
          this.words[link] = ~SLOW_LEAF;
          return;
        }
        at = this.#used;
        this.#used += HEAD + mask + 1;
        this.words[at] = word;
        this.words[at + 1] = shift;
        this.words[at + 2] = mask;
        this.words[link] = at;
      } else if (at < 0 || this.words[at] !== word || this.words[at + 1] !== shift) {
        throw new Error('a step that read the same reads another field next');
      }
      link = at + HEAD + ((packed[base + word] >>> shift) & mask);
    }
    if (this.words[link] !== UNKNOWN) throw new Error('a step is remembered twice');
    this.words[link] = ~leaf;
  }

  /** A leaf; 0 when there is no room, or a value is in no dictionary. */
  #newLeaf({ reads, state, log, logged }: Stepper, flags: number, way: number): number {
    const { width } = this.packing.places;
    if (!this.#hasRoom(1 + width * 2)) return 0;
    const leaf = this.#used;
    this.words[leaf] = flags;
    if (flags >= WAITS) {
      this.words[leaf + 1] = way;
      this.#used += 2;
      return leaf;
    }
    for (let k = 0; k < width; k++) {
      this.words[leaf + 1 + k * 2] = -1;
      this.words[leaf + 2 + k * 2] = 0;
    }
    const { stores } = reads;
    let fits = true;
    for (let i = 0; i < reads.stored; i++) fits = this.#write(leaf, stores[i], state) && fits;
    // What was noted and is not among these is as it was, or was read: then the step wrote what it wrote for its value.
    for (let i = 0; i < logged; i++) fits = (!reads.isKnown(log[i]) || this.#write(leaf, log[i], state)) && fits;
    if (!fits) {
      // Nodes begin with nothing known.
      this.words.fill(UNKNOWN, leaf, leaf + 1 + width * 2);
      return 0;
    }
    this.#used += 1 + width * 2;
    return leaf;
  }

  #write(leaf: number, field: number, state: Int32Array): boolean {
    if (field >= this.system.fields) return true;
    const { word, shift, mask } = this.packing.places;
    const code = this.packing.codeOf(field, state[field]);
    if (code < 0 || code > mask[field]) return false;
    const at = leaf + 1 + word[field] * 2;
    const bits = mask[field] << shift[field];
    this.words[at] &= ~bits;
    this.words[at + 1] = (this.words[at + 1] & ~bits) | (code << shift[field]);
    return true;
  }

  /** Makes the root that a word of an actor's own node is to lead to. */
  #plant(actor: number, link: number): number {
    const { packing, system } = this;
    const script = system.scripts[actor];
    const code = link - this.words[TABLES + actor] - HEAD;
    const local = packing.decode[packing.decodeBase[system.localBase + actor] + code];
    let root = FINISHED;
    if (!script.done(local)) {
      const { outcomes, gated } = script.states[local];
      root = this.allocate(ROOT + outcomes);
      this.words[root] = outcomes;
      // Whether a call may begin is decided by where others are: fields of very many codes, of which it tells two kinds.
      if (gated) this.words.fill(~SLOW_LEAF, root + ROOT, root + ROOT + outcomes);
    }
    this.words[link] = root;
    return root;
  }

  #hasRoom(words: number): boolean {
    if (this.#used + words > MOST_WORDS) return false;
    this.#reserve(words);
    return true;
  }

  #reserve(words: number): void {
    if (this.#used + words <= this.words.length) return;
    this.words = grown(this.words, Math.max(this.#used + words, this.words.length * 2));
  }
}
