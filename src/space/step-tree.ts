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
import { StepLog, type StepRecord } from './step-log.js';
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
  /** What the trees were grown from. */
  readonly #log = new StepLog();

  constructor(
    readonly system: System,
    readonly packing: Packing,
  ) {}

  /** Words that all trees take. */
  get used(): number {
    return this.#used;
  }

  /** Grows all trees anew if the packing was laid out anew since `layout`. */
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
    for (let at = 0; at < this.#log.used; ) at = this.#grow(this.#log.at(at));
  }

  /** Grows all trees anew the next time that it follows, and forgets what others note of the roots. */
  renew(): void {
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
   * Remembers the step of an actor from the state packed at `base` that the stepper has traced and not taken back. `flags` are
   * StepOutcome's, or WAITS with `way` behind it, or SLOW. What it wrote is in the packing's dictionaries, or it is not
   * remembered this time.
   */
  remember(
    packed: Int32Array,
    base: number,
    actor: number,
    choice: number,
    stepper: Stepper,
    flags: number,
    way: number,
  ): void {
    const { reads } = stepper;
    const known = reads.isWhole ? flags : SLOW;
    const log = this.#log;
    const record = log.begin(actor, this.#codeIn(packed, base, this.system.localBase + actor), choice, known, way);
    for (let i = 0; i < reads.length; i++)
      log.add(record, true, reads.fields[i], this.#codeIn(packed, base, reads.fields[i]));
    if (known >= SLOW || this.#noteWrites(record, stepper)) this.#grow(log.at(record));
    else log.used = record;
  }

  #codeIn(packed: Int32Array, base: number, field: number): number {
    const { word, shift, mask } = this.packing.places;
    return (packed[base + word[field]] >>> shift[field]) & mask[field];
  }

  /** Notes what a step wrote; false when a value is in no dictionary. */
  #noteWrites(record: number, { reads, state, log, logged }: Stepper): boolean {
    const { stores } = reads;
    let fits = true;
    for (let i = 0; i < reads.stored; i++) fits = this.#noteWrite(record, stores[i], state) && fits;
    // What was noted and is not among these is as it was, or was read: then the step wrote what it wrote for its value.
    for (let i = 0; i < logged; i++) fits = (!reads.isKnown(log[i]) || this.#noteWrite(record, log[i], state)) && fits;
    return fits;
  }

  #noteWrite(record: number, field: number, state: Int32Array): boolean {
    if (field >= this.system.fields) return true;
    const code = this.packing.codeOf(field, state[field]);
    if (code < 0 || code > this.packing.places.mask[field]) return false;
    this.#log.add(record, false, field, code);
    return true;
  }

  /** Grows the path of a step that was noted; where the next one lies. */
  #grow({ actor, local, choice, flags, way, reads, writes, end }: StepRecord): number {
    const leaf = flags === SLOW ? SLOW_LEAF : this.#newLeaf(flags, way, writes, end);
    if (leaf === 0) return end;
    const root = this.words[TABLES + actor] + HEAD + local;
    if (this.words[root] === UNKNOWN) this.#plant(actor, root);
    let link = this.words[root] + ROOT + choice;
    const { places } = this.packing;
    for (let at = reads; at < writes; at += 2) {
      const [field, code] = [this.#log.words[at], this.#log.words[at + 1]];
      const mask = places.mask[field];
      if (mask === 0) continue;
      const [word, shift] = [places.word[field], places.shift[field]];
      let node = this.words[link];
      if (node === UNKNOWN) {
        if (mask >= MOST_CODES || !this.#hasRoom(HEAD + mask + 1)) {
          this.words[link] = ~SLOW_LEAF;
          return end;
        }
        node = this.allocate(HEAD + mask + 1);
        this.words[node] = word;
        this.words[node + 1] = shift;
        this.words[node + 2] = mask;
        this.words[link] = node;
      } else if (node === ~SLOW_LEAF) return end;
      else if (node < 0 || this.words[node] !== word || this.words[node + 1] !== shift) {
        throw new Error('a step that read the same reads another field next');
      }
      link = node + HEAD + code;
    }
    if (this.words[link] !== UNKNOWN) throw new Error('a step is remembered twice');
    this.words[link] = ~leaf;
    return end;
  }

  /** A leaf that says what was noted from `from` up to `end`; 0 when there is no room. */
  #newLeaf(flags: number, way: number, from: number, end: number): number {
    const { word, shift, mask, width } = this.packing.places;
    const size = flags >= WAITS ? 2 : 1 + width * 2;
    if (!this.#hasRoom(size)) return 0;
    const leaf = this.allocate(size);
    this.words[leaf] = flags;
    if (flags >= WAITS) {
      this.words[leaf + 1] = way;
      return leaf;
    }
    for (let k = 0; k < width; k++) {
      this.words[leaf + 1 + k * 2] = -1;
      this.words[leaf + 2 + k * 2] = 0;
    }
    for (let i = from; i < end; i += 2) {
      const [field, code] = [this.#log.words[i], this.#log.words[i + 1]];
      const at = leaf + 1 + word[field] * 2;
      const bits = mask[field] << shift[field];
      this.words[at] &= ~bits;
      this.words[at + 1] = (this.words[at + 1] & ~bits) | (code << shift[field]);
    }
    return leaf;
  }

  /** Calls back with every root that was made, its actor and the actor's local state. */
  eachRoot(visit: (root: number, actor: number, local: number) => void): void {
    const { packing, system } = this;
    for (let actor = 0; actor < system.actors; actor++) {
      const values = packing.valuesOf(system.localBase + actor);
      for (let code = 0; code < values.length; code++) {
        const root = this.words[this.words[TABLES + actor] + HEAD + code];
        if (root !== UNKNOWN && root !== FINISHED) visit(root, actor, values[code]);
      }
    }
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
