/**
 * Wide readiness: which actors can take a step, of more than there are bits in a word.
 *
 * Who can run is kept in words of thirty bits, what else there is to know of an actor in a byte. Words of memory still
 * have one word of interest: every thirtieth actor shares a bit there, a bell. A change rings the bells of those who asked
 * for it, and who listens at a bell that rang is looked at again; a look too many changes nothing. So the memory, the ops
 * and the executor's common step are those of readiness.ts. Used by the executor only.
 */

import { DONE } from '../automaton/automaton.js';
import { ACTORS_A_WORD, type ProgramActor } from '../program/program.js';
import { wordsOfActors } from './actor-sets.js';
import type { Effects } from './effects.js';
import { CHECKED, type Memory } from './memory.js';
import { bitCount, type Moment, Readiness } from './readiness.js';
import type { WideLatches } from './wide-latches.js';

// The compiler folds a module's own constants into the code but looks imported ones up at every use.
const BITS = ACTORS_A_WORD;

/** What is known of an actor, as a bit set. */
const Known = {
  /** It can take a step. */
  Runs: 1,
  /** Its pending op may have to wait. */
  Listens: 2,
  /** It was last seen at the beginning of a call which waits for calls of others. */
  Gated: 4,
  Finished: 8,
} as const;

/** Keeps the list of runnable actors of a wide program. */
export class WideReadiness extends Readiness {
  readonly #latches: WideLatches;
  /** By actor: a set of Known. */
  readonly #known: Uint8Array;
  /** Actors that can take a step, thirty a word. */
  readonly #runs: Int32Array;
  /** By bell: how many actors listen there. */
  readonly #listeners = new Uint16Array(BITS);
  /** The bells of all that have been gated. */
  #gates = 0;
  /** How many actors that must finish have not. */
  #due = 0;
  #isListed = false;

  constructor(effects: Effects, memory: Memory, scripts: readonly ProgramActor[]) {
    super(effects, memory, scripts);
    this.#latches = effects.latches as WideLatches;
    this.#known = new Uint8Array(scripts.length);
    this.#runs = new Int32Array(wordsOfActors(scripts.length));
  }

  override scan(): void {
    this.#known.fill(0);
    this.#clear();
    this.memory.woken = 0;
    this.#latches.ask();
    for (let actor = 0; actor < this.scripts.length; actor++) {
      const node = this.memory.state[this.blockOf(actor)];
      if (node === DONE) {
        this.#known[actor] = Known.Finished;
        continue;
      }
      if (!this.scripts[actor].daemon) this.#due++;
      this.#set(actor, !this.mayWait(actor, node) || this.enabled(actor, node));
    }
  }

  /** Not known here: who waits is looked for. */
  override get nobodyWaits(): boolean {
    return false;
  }

  override canRun(actor: number): boolean {
    return (this.#known[actor] & Known.Runs) !== 0;
  }

  override get complete(): boolean {
    return this.#due === 0;
  }

  override list(): Int32Array {
    if (this.#isListed) return this.listed;
    this.#isListed = true;
    let count = 0;
    for (let word = 0; word < this.#runs.length; word++) {
      for (let rest = this.#runs[word]; rest !== 0; rest &= rest - 1) {
        this.listed[count++] = word * BITS + 31 - Math.clz32(rest & -rest);
      }
    }
    return this.listed;
  }

  override nth(place: number): number {
    let before = 0;
    for (let word = 0; ; word++) {
      let rest = this.#runs[word];
      const count = bitCount(rest);
      if (place - before >= count) {
        before += count;
        continue;
      }
      for (; before < place; before++) rest &= rest - 1;
      return word * BITS + 31 - Math.clz32(rest & -rest);
    }
  }

  override moment(): Moment {
    return {
      mask: 0,
      count: this.count,
      unfinished: 0,
      listening: this.listening,
      gated: 0,
      flags: this.#known.slice(),
    };
  }

  override restore({ flags = this.#known }: Moment): void {
    this.#known.set(flags);
    this.#clear();
    this.memory.woken = 0;
    for (let actor = 0; actor < flags.length; actor++) {
      const known = flags[actor];
      if ((known & Known.Finished) === 0 && !this.scripts[actor].daemon) this.#due++;
      if ((known & Known.Gated) !== 0) this.#gates |= 1 << (actor % BITS);
      if ((known & Known.Listens) !== 0) this.#comeToListen(actor);
      if ((known & Known.Runs) !== 0) {
        this.#runs[(actor / BITS) | 0] |= 1 << (actor % BITS);
        this.count++;
      }
    }
  }

  override passed(actor: number): void {
    this.#hush(actor);
    if (this.memory.woken !== 0) this.#wake();
  }

  override arrived(actor: number, node: number): void {
    this.#hush(actor);
    if (node === DONE) this.#finish(actor);
    else if (this.mayWait(actor, node)) {
      this.#latches.ask();
      this.#set(actor, this.enabled(actor, node));
    }
    if (this.memory.woken !== 0) this.#wake();
  }

  override callEnded(): void {
    this.memory.woken |= this.#gates;
  }

  protected override mayWait(actor: number, node: number): boolean {
    const bell = actor % BITS;
    this.#known[actor] &= ~Known.Gated;
    const isGated = this.hasGates && this.gateOf(actor, node).length > 0;
    if (isGated) {
      this.#known[actor] |= Known.Gated;
      this.#gates |= 1 << bell;
    }
    if (this.isWaitingOp(node)) this.watch(actor, node, bell);
    else if (!isGated) return false;
    this.#known[actor] |= Known.Listens;
    this.#comeToListen(actor);
    return true;
  }

  protected override enabled(actor: number, node: number): boolean {
    return ((this.#known[actor] & Known.Gated) === 0 || this.isOpen(actor, node)) && this.isReady(actor, node);
  }

  /** Forgets all but what `#known` says. */
  #clear(): void {
    this.count = 0;
    this.listening = CHECKED;
    this.#runs.fill(0);
    this.#listeners.fill(0);
    this.#gates = 0;
    this.#due = 0;
    this.#isListed = false;
  }

  #comeToListen(actor: number): void {
    this.#listeners[actor % BITS]++;
    this.listening |= 1 << (actor % BITS);
  }

  /** The actor has taken a step: it waits for nothing any more. */
  #hush(actor: number): void {
    if ((this.#known[actor] & Known.Listens) === 0) return;
    this.#known[actor] &= ~Known.Listens;
    const bell = actor % BITS;
    if (--this.#listeners[bell] === 0) this.listening &= ~(1 << bell);
  }

  #finish(actor: number): void {
    this.#set(actor, false);
    this.#known[actor] |= Known.Finished;
    if (!this.scripts[actor].daemon) this.#due--;
  }

  /** Notes whether an actor can take a step. */
  #set(actor: number, runs: boolean): void {
    if (this.canRun(actor) === runs) return;
    this.#known[actor] ^= Known.Runs;
    this.#runs[(actor / BITS) | 0] ^= 1 << (actor % BITS);
    this.count += runs ? 1 : -1;
    this.#isListed = false;
  }

  /** Looks again at those who listen at the bells that rang. */
  #wake(): void {
    const rang = this.memory.woken & this.listening;
    this.memory.woken = 0;
    this.#latches.ask();
    for (let rest = rang; rest !== 0; rest &= rest - 1) {
      for (let actor = 31 - Math.clz32(rest & -rest); actor < this.#known.length; actor += BITS) {
        if ((this.#known[actor] & Known.Listens) === 0) continue;
        this.#set(actor, this.enabled(actor, this.memory.state[this.blockOf(actor)]));
      }
    }
  }
}
