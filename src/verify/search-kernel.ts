/**
 * Search kernel: lets the kernel take up the states of a search (src/kernels/search.ts), and sees to those that it cannot
 * take up: the search does that as ever, and what it learned thereby the kernel knows from then on. So the two take up the
 * same states in the same order, and come to the same table.
 *
 * Now and then a state that the kernel has taken up is stepped by the interpreter as well; a difference is an internal
 * error. Used by the search, for breadth first searches.
 */

import {
  ASKS,
  AUDITED,
  AUDITS,
  IS_FULL,
  LOOPS,
  MOST_TAKEN,
  NEVER_INDEPENDENT,
  NEXT,
  PENDING,
  TRANSITIONS,
  UNTIL_AUDIT,
} from '../kernels/search-words.js';
import {
  FINISHED,
  FOR_ACTORS,
  IS_DESCRIBED,
  MAY_WAIT,
  ROOT_FUTURE,
  ROOT_MASKS,
  ROOT_ROWS,
  ROOT_TRAITS,
  SLOW,
  TABLES,
  WAITS,
  WANTS_LOCK,
} from '../kernels/tree-words.js';
import type { Footprint } from '../space/footprints.js';
import { MemoryBudget } from '../space/memory-budget.js';
import { Surprise } from '../space/met.js';
import type { OrderReduction } from '../space/por.js';
import { StateTable } from '../space/state-table.js';
import { StepOutcome } from '../space/stepper.js';
import type { Expansion } from './expansion.js';
import type { KernelStore } from './kernel-store.js';
import { KernelSymmetry } from './kernel-symmetry.js';
import { KernelTable } from './kernel-table.js';

/** Drives the kernel for one search. */
export class SearchKernel {
  /** Counts how often the packing was laid out anew, as far as the kernel knows. */
  #layouts = -1;
  /** The version of the locks that the kernel's looks were noted under. */
  #locks = -1;
  /** Brings states to their canonical form, where actors are interchangeable. */
  readonly #symmetry: KernelSymmetry | undefined;

  private constructor(
    readonly expansion: Expansion,
    readonly table: KernelStore,
  ) {
    const { system, settings } = expansion;
    table.describe({
      actors: system.actors,
      required: expansion.stuck.required,
      awaited: system.sets.of([...(settings.reduction?.awaited ?? [])]),
      footprint: settings.reduction?.footprintWords,
      looks: settings.locks !== undefined,
    });
    table.told[UNTIL_AUDIT] = expansion.auditsEvery;
    this.#symmetry = settings.canonical && new KernelSymmetry(settings.canonical, expansion.steps);
  }

  /**
   * Moves a search to the kernel, between two levels; undefined when that cannot be: it would need what the kernel does not
   * know, or there is no kernel, or no memory for it.
   */
  static takeOver(expansion: Expansion): SearchKernel | undefined {
    if (!SearchKernel.canTakeUp(expansion)) return undefined;
    const taken = KernelTable.of(expansion.table, expansion.settings.memory, expansion.steps.used);
    if (taken === undefined) return undefined;
    expansion.moveTo(taken, taken.batch);
    return SearchKernel.over(expansion, taken);
  }

  /** Whether a kernel is wanted, and knows all that such a search needs. */
  static canTakeUp({ system, settings }: Pick<Expansion, 'system' | 'settings'>): boolean {
    const { kernelFrom, remembersNothing, canonical, locks } = settings;
    if (kernelFrom === Number.POSITIVE_INFINITY || remembersNothing || system.sets.isWide) return false;
    return locks?.isOfWords !== false && (canonical === undefined || KernelSymmetry.knows(canonical));
  }

  /** A kernel for a search, or a thread's part of one, whose states lie in its table already. */
  static over(expansion: Expansion, table: KernelStore): SearchKernel {
    expansion.steps.moveTo(table.words);
    return new SearchKernel(expansion, table);
  }

  /**
   * Takes up the states from the next up to `end`, or fewer. Who is to go on: this one, another that has more room, or, if it is
   * undefined, the search without a kernel.
   */
  run(end: number): SearchKernel | undefined {
    const { expansion, table } = this;
    while (expansion.expanded < end) {
      const { steps, successors } = expansion;
      this.#follow();
      // Trees that found no room went elsewhere.
      if (steps.words !== table.words) return this.#larger();
      if (!table.hasRoomFor(2 * MOST_TAKEN)) return this.#leave();
      const { kernel, told } = table;
      told[PENDING] = successors.pending;
      kernel.hashFrom(table.hashed);
      const first = expansion.expanded;
      const code = kernel.expand(first, Math.min(end, first + MOST_TAKEN));
      successors.pending = told[PENDING];
      table.hashed = successors.pending;
      expansion.transitions += told[TRANSITIONS];
      told[TRANSITIONS] = 0;
      if (told[LOOPS] !== 0) expansion.loops = true;
      const next = told[NEXT];
      expansion.settings.graph?.visitedFrom(first, table.unfinished, next - first);
      expansion.expanded = next;
      if (code === IS_FULL) successors.flush();
      else if (code === ASKS) this.#takeUp(next);
      else if (code === AUDITS) {
        told[UNTIL_AUDIT] = expansion.auditsEvery;
        this.#audit(next - 1, told[AUDITED]);
      }
    }
    return this;
  }

  /** Goes on in a larger memory, if there is one. */
  #larger(): SearchKernel | undefined {
    this.expansion.successors.flush();
    return this.table instanceof KernelTable ? SearchKernel.takeOver(this.expansion) : undefined;
  }

  /** Goes on in a larger memory, if there is one, or in a table of this language's. */
  #leave(): SearchKernel | undefined {
    const { expansion, table } = this;
    const larger = this.#larger();
    if (larger !== undefined) return larger;
    const budget = expansion.settings.memory ?? new MemoryBudget();
    const store = StateTable.of(table, budget);
    budget.replace(table, store);
    expansion.moveTo(store);
    return undefined;
  }

  /** The kernel learns anew what was derived from where fields lay, or from which locks there were. */
  #follow(): void {
    const { successors, steps, settings } = this.expansion;
    const locks = settings.locks?.version ?? 0;
    if (successors.layouts === this.#layouts && locks === this.#locks) {
      this.#symmetry?.follow();
      return;
    }
    if (locks !== this.#locks && this.#locks >= 0) steps.renew();
    this.#layouts = successors.layouts;
    this.#locks = locks;
    steps.follow(successors.layouts);
    steps.eachRoot((root, actor, local) => this.#describe(root, actor, local));
    if (this.#symmetry !== undefined)
      this.table.kernel.setSymmetry(this.#symmetry.layOut(), this.#symmetry.canonical.groups.length);
    this.table.kernel.forgetLooks();
  }

  /** The search takes up a state, and tells the kernel what it learned. */
  #takeUp(number: number): void {
    const { expansion } = this;
    expansion.expanded++;
    expansion.expand(number);
    const { system, settings, steps } = expansion;
    steps.follow(expansion.successors.layouts);
    for (let actor = 0; actor < system.actors; actor++) {
      const root = this.#rootOf(number, actor);
      if (root === FINISHED) continue;
      this.#describe(root, actor, this.#localOf(number, actor));
      // Whose steps were not tried, because another's are enough or lead to the same, may be in somebody's way all the same.
      const isReduced = settings.reduction !== undefined || settings.canonical !== undefined;
      const isInWay = isReduced && (steps.words[root + ROOT_TRAITS] & MAY_WAIT) !== 0;
      if (isInWay) this.#learn(number, actor, root);
    }
    if (settings.locks !== undefined) this.table.kernel.noteLooks(number);
  }

  /**
   * Takes all steps from a state once more whose successors wait from `first` on.
   * @throws Error when they are others
   */
  #audit(number: number, first: number): void {
    const { expansion, table } = this;
    const { system, settings, successors } = expansion;
    const { actors } = successors.batch;
    const { reduction, canonical } = settings;
    expansion.load(number);
    const twins = canonical?.twins(expansion.stepper.state) ?? 0;
    let at = first;
    for (let actor = 0; actor < system.actors; actor++) {
      const isNext = at < successors.pending && actors[at] === actor;
      const isTried = reduction === undefined ? !system.sets.has(twins, actor) : isNext;
      for (let choice = 0; isTried; choice++, at++) {
        const isThere = at < successors.pending && actors[at] === actor;
        if (!isThere && choice > 0) break;
        const flags = expansion.leadsTo(actor, choice, isThere ? at * table.width : -1, canonical);
        if ((flags === StepOutcome.Blocked) === isThere) throw expansion.wrongStep(actor);
        if (!isThere) break;
      }
    }
    if (at !== successors.pending) throw expansion.wrongStep(actors[at]);
  }

  /** Remembers the first step of an actor from a state if it is not remembered. */
  #learn(number: number, actor: number, root: number): void {
    const { steps, stepper, stuck } = this.expansion;
    const { keys, width } = this.table;
    if (steps.leafOf(keys, number * width, root, 0) !== 0) return;
    this.expansion.load(number);
    let flags: number;
    try {
      flags = stepper.trace(actor, 0);
    } catch (surprise) {
      if (!(surprise instanceof Surprise)) throw surprise;
      // No run that is searched takes this step: so nothing that it meets has to be known.
      stepper.undo();
      return;
    }
    const way = flags === StepOutcome.Blocked ? stuck.waits(actor) : 0;
    const waits = way === 0 ? WAITS : WAITS | FOR_ACTORS;
    const known = flags === StepOutcome.Blocked ? waits : (flags & StepOutcome.Violation) !== 0 ? SLOW : flags;
    steps.remember(keys, number * width, actor, 0, stepper, known, way);
    if (flags !== StepOutcome.Blocked) stepper.undo();
  }

  #rootOf(number: number, actor: number): number {
    const { table, expansion } = this;
    return expansion.steps.rootOf(table.keys, number * table.width, actor);
  }

  #localOf(number: number, actor: number): number {
    const { table, expansion } = this;
    const { packing, system } = expansion;
    const { word, shift, mask } = packing.places;
    const field = system.localBase + actor;
    const code = (table.keys[number * table.width + word[field]] >>> shift[field]) & mask[field];
    return packing.valuesOf(field)[code];
  }

  /** Says of an actor's root what the kernel asks besides its steps. */
  #describe(root: number, actor: number, local: number): void {
    const { steps, settings, stuck } = this.expansion;
    if ((steps.words[root + ROOT_TRAITS] & IS_DESCRIBED) !== 0) return;
    const { locks, reduction } = settings;
    if (reduction !== undefined) this.#noteFootprints(root, actor, local, reduction);
    const wants = locks?.wantedIn(actor, local) !== undefined;
    // What makes room may put all words elsewhere, so it comes before the word is looked up.
    if (wants) {
      const masks = this.#masksOf(actor);
      steps.words[root + ROOT_MASKS] = masks;
    }
    steps.words[root + ROOT_TRAITS] =
      IS_DESCRIBED | (stuck.mayWaitIn(actor, local) ? MAY_WAIT : 0) | (wants ? WANTS_LOCK : 0);
  }

  /** The bits of a state that say who holds which lock, and which one an actor asks for. */
  #masksOf(actor: number): number {
    const { steps, system, settings, packing } = this.expansion;
    const { word, shift, mask, width } = packing.places;
    const place = steps.allocate(width);
    const slots = Array.from({ length: system.slots }, (_, slot) => system.slotBase + actor * system.slots + slot);
    for (const field of [...settings.locks!.words(), ...slots])
      steps.words[place + word[field]] |= mask[field] << shift[field];
    return place;
  }

  /** Notes what an actor touches where it is: with that the kernel tells what is independent of what. */
  #noteFootprints(root: number, actor: number, local: number, reduction: OrderReduction): void {
    const { steps } = this.expansion;
    const step = reduction.stepIn(actor, local);
    const future = reduction.futureOf(actor, local).opposed();
    // What makes room may put all words elsewhere, so it comes before they are looked up.
    const place = steps.allocate(future.length);
    steps.words.set(future, place);
    const rows = step === undefined ? NEVER_INDEPENDENT : this.#newRows(actor, step);
    steps.words[root + ROOT_FUTURE] = place;
    steps.words[root + ROOT_ROWS] = rows;
  }

  /** A row of bytes for each other actor, one for each code of its local state; what the step touches lies behind the rows' places. */
  #newRows(actor: number, { bits }: Footprint): number {
    const { steps, system } = this.expansion;
    const rows = steps.allocate(system.actors + bits.length);
    steps.words.set(bits, rows + system.actors);
    for (let other = 0; other < system.actors; other++) {
      if (other === actor) continue;
      const codes = steps.words[steps.words[TABLES + other] + 2] + 1;
      const row = steps.allocate((codes + 3) >> 2);
      steps.words[rows + other] = row;
    }
    return rows;
  }
}
