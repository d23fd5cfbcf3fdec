/**
 * Scratch run: a search on disk within one run of verify. Opens the folder, goes on with what it holds or begins, looks at
 * bounds, deadline and signal, says how far it is, and finds the paths to what was found. Used by verification.
 */

import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { diskFailure } from '../../core/disk-failure.js';
import { InputError, ModelError } from '../../core/errors.js';
import { CutOff } from '../../core/guard.js';
import type { Program } from '../../core/program/program.js';
import { filesOfModule } from '../../model/load-module.js';
import type { Model } from '../../model/model.js';
import { MemoryBudget, OutOfMemory } from '../../space/memory-budget.js';
import type { Fact, Met } from '../../space/met.js';
import { Packing, placesInOrder } from '../../space/pack.js';
import type { Plan, WantedReductions } from '../../space/plan.js';
import { BROKEN_MODEL, stoppedByCut } from '../cut.js';
import type { CheckedVerifyOptions } from '../options.js';
import type { Search } from '../search.js';
import { Batches, type BatchSizes, sizesWithin, USUAL_SIZES } from './batches.js';
import { fieldOrder } from './field-order.js';
import { type Manifest, SCRATCH_VERSION } from './manifest.js';
import { keepPaths } from './paths.js';
import { ScratchFolder } from './scratch-folder.js';
import { type ManifestHead, ScratchSearch } from './scratch-search.js';

/** What is searched. */
export interface ScratchSubject {
  readonly plan: Plan;
  readonly met: Met;
  readonly facts: readonly Fact[];
}

/** What a search on disk came to. */
export interface Scratched {
  /** Holds the counts, and the states on the paths to what was found. */
  readonly search: Search;
  readonly states: number;
  readonly stoppedBy: string | undefined;
  /** What is wrong with the model, where that ended the search. */
  readonly refused: ModelError | undefined;
  /** Signatures that were met, for which there was no time to look for a run. */
  readonly untold: readonly string[];
  readonly folder: ScratchState;
}

/** What a folder holds. */
export interface ScratchState {
  readonly path: string;
  readonly bytes: number;
  /** The level that a run which goes on begins with; -1 when none does. */
  readonly resumesAt: number;
}

/** Searches on disk for one run of verify. */
export class ScratchRun {
  private constructor(
    readonly folder: ScratchFolder,
    readonly model: Model,
    readonly options: CheckedVerifyOptions,
    readonly of: string,
  ) {}

  /** Opens the folder. @throws InputError when it is of no use for this */
  static async open(
    path: string,
    model: Model,
    options: CheckedVerifyOptions,
    wanted: WantedReductions,
  ): Promise<ScratchRun> {
    const { name, source, parameters } = model;
    const files = source === undefined ? [] : await filesOfModule(source);
    const texts = files.map(({ text }) => text);
    const of = digestOf([name, parameters, texts, wanted, options.all]);
    return new ScratchRun(ScratchFolder.open(path, of), model, options, of);
  }

  /** What a search that is gone on with was planned from. */
  get facts(): readonly Fact[] | undefined {
    return this.folder.manifest?.facts;
  }

  /** Forgets all that the folder holds. */
  discard(): void {
    this.folder.clear();
  }

  /**
   * Searches to the end, or until a bound is reached.
   *
   * @param few a search of the same plan that was not on disk, whose states show how they are best packed; none when the
   * folder holds one that is gone on with
   * @param stop says why to stop; `mayEnd`: between two levels
   * @throws Surprise, ModelError; InputError for a folder that is damaged
   */
  async run(
    subject: ScratchSubject,
    few: Search | undefined,
    stop: (states: number, mayEnd: boolean) => string | undefined,
    sizes: BatchSizes = USUAL_SIZES,
  ): Promise<Scratched> {
    const { plan, facts } = subject;
    const { program } = plan.system;
    const { manifest } = this.folder;
    const head: ManifestHead = {
      ...{ version: SCRATCH_VERSION, of: this.of, plan: planDigest(program, facts), model: this.model.name },
      facts: [...facts],
    };
    if (manifest !== undefined && manifest.plan !== head.plan) {
      throw new InputError(
        `faultline: ${this.folder.path} was written by a version of faultline that compiled the model in another way; remove the folder.`,
      );
    }
    const packing = manifest === undefined ? packingOf(plan, few!) : packingAgain(plan, manifest);
    const { maxMemoryBytes, guard, kernel } = this.options;
    const memory = new MemoryBudget(maxMemoryBytes, maxMemoryBytes);
    const batches = new Batches(plan, subject.met, packing, sizesWithin(sizes, maxMemoryBytes), guard, memory, kernel);
    let found: ScratchSearch | undefined;
    let stoppedBy: string | undefined;
    let refused: ModelError | undefined;
    try {
      found = this.#opened(batches, head);
      stoppedBy = await this.#drive(found, stop);
    } catch (error) {
      stoppedBy = this.#whyStopped(error);
      if (stoppedBy === undefined) throw error;
      if (error instanceof ModelError) refused = error;
    }
    if (stoppedBy !== undefined) await this.#keep(found);
    if (stoppedBy !== undefined) found?.leaveLevel();
    // What an unfinished level left takes room that others may need.
    this.folder.tidy();
    return { ...this.#scratched(batches, found, stoppedBy), refused };
  }

  #opened(batches: Batches, head: ManifestHead): ScratchSearch {
    const { manifest } = this.folder;
    const { all } = this.options;
    if (manifest === undefined) return ScratchSearch.begin(batches, this.folder, head, all);
    return ScratchSearch.resume(batches, this.folder, manifest, head, all);
  }

  /** Keeps what there is for whoever goes on; where that is not to be had, what was kept before. */
  async #keep(found: ScratchSearch | undefined): Promise<void> {
    try {
      await found?.keep();
    } catch (error) {
      if (diskFailure(error) === undefined) throw error;
    }
  }

  async #drive(
    found: ScratchSearch,
    stop: (states: number, mayEnd: boolean) => string | undefined,
  ): Promise<string | undefined> {
    for await (const isBetween of found.run()) {
      const stoppedBy = await this.#look(found, isBetween, stop);
      if (stoppedBy !== undefined) return stoppedBy;
    }
    if (found.sighted.length === 0) return undefined;
    for (const _ of keepPaths(found)) {
      const stoppedBy = await this.#look(found, false, stop);
      if (stoppedBy !== undefined) return stoppedBy;
    }
    return undefined;
  }

  async #look(
    found: ScratchSearch,
    isBetween: boolean,
    stop: (states: number, mayEnd: boolean) => string | undefined,
  ): Promise<string | undefined> {
    const { states, depth, expanded, sighted } = found;
    const { transitions, table } = found.batches.search;
    this.options.onProgress?.({
      ...{ phase: 'search', states, transitions, depth, frontier: states - expanded },
      ...{ memoryBytes: table.bytes, diskBytes: this.folder.bytes, findings: sighted.length },
    });
    await setImmediate();
    return stop(states, isBetween);
  }

  #scratched(
    { search }: Batches,
    found: ScratchSearch | undefined,
    stoppedBy: string | undefined,
  ): Omit<Scratched, 'refused'> {
    const states = found?.states ?? 0;
    search.expanded = found?.expanded ?? 0;
    search.depth = found?.deepest ?? 0;
    search.levelEnds.splice(0, search.levelEnds.length, ...endsOf(found?.levels ?? []));
    const { path, bytes, manifest } = this.folder;
    const resumesAt = stoppedBy === undefined || manifest === undefined ? -1 : manifest.levels.length - 1;
    const { bySignature } = search.sightings;
    const untold = stoppedBy === undefined ? [] : [...bySignature.keys()];
    if (stoppedBy !== undefined) bySignature.clear();
    return { search, states, stoppedBy, untold, folder: { path, bytes, resumesAt } };
  }

  /** Why a search ends with what was thrown; undefined for what is no reason. */
  #whyStopped(error: unknown): string | undefined {
    if (error instanceof CutOff && error.reason !== 'patience') return stoppedByCut(error);
    if (error instanceof ModelError) return BROKEN_MODEL;
    if (error instanceof OutOfMemory) return error.message;
    const failure = diskFailure(error);
    return failure && `the end of what ${this.folder.path} can hold: ${failure}`;
  }
}

/** By level, how many states it and those before it have; but for the last. */
function endsOf(levels: readonly { readonly states: number }[]): readonly number[] {
  let sum = 0;
  return levels.slice(0, -1).map(({ states }) => {
    sum += states;
    return sum;
  });
}

/** A packing whose states are sorted best, which knows all that a search in memory met. */
function packingOf({ system }: Plan, { table, packing }: Search): Packing {
  const order = fieldOrder(table, packing);
  const ours = new Packing(system.initial.subarray(0, system.fields), [], order);
  teach(ours, packing.learned());
  ours.relayout();
  return ours;
}

/** The packing of a search that is gone on with. */
function packingAgain({ system }: Plan, { order, learned, layouts }: Manifest): Packing {
  const packing = new Packing(system.initial.subarray(0, system.fields), [], Int32Array.from(order));
  teach(packing, learned);
  packing.follow(placesInOrder(Uint8Array.from(layouts.at(-1)!), packing.order!));
  return packing;
}

function teach(packing: Packing, learned: readonly number[]): void {
  for (let i = 0; i < learned.length; i += 2) packing.learn(learned[i], learned[i + 1]);
}

/** What a plan is made of: the automaton word by word, where runs begin, what is checked, and what it was planned from. */
function planDigest({ automaton, layout, always, finally: atTheEnd }: Program, facts: readonly Fact[]): string {
  const nodes = [...automaton.nodes.subarray(0, automaton.size)];
  const labels = automaton.infos.map(({ op }) => op?.spec.label);
  const checks = [...always, ...atTheEnd].map(({ name, kind, words, holds }) => [name, kind, words, String(holds)]);
  return digestOf([nodes, labels, [...layout.initial()], checks, facts]);
}

function digestOf(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
