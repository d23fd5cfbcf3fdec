/**
 * Verification: one run of verify, search by search. Used by `verify` only.
 */

import { ModelError } from '../core/errors.js';
import { CutOff } from '../core/guard.js';
import type { Program } from '../core/program/program.js';
import type { Model } from '../model/model.js';
import { isAllocationFailure, MemoryBudget, OutOfMemory } from '../space/memory-budget.js';
import { Surprise } from '../space/met.js';
import { ENDLESS, type Plan, type WantedReductions } from '../space/plan.js';
import { boundOf } from './bound.js';
import { Counting } from './counting.js';
import { uncovered } from './coverage.js';
import { BROKEN_MODEL, INTERRUPTED, ifThereIsTime, isOver, stoppedByCut } from './cut.js';
import { Findings } from './findings.js';
import { growingCells } from './growth.js';
import { type LevelSubject, LevelThreads } from './level-threads.js';
import { LockOrder } from './lock-order.js';
import type { CheckedVerifyOptions, VerifyPhase } from './options.js';
import { ParallelSearch } from './parallel.js';
import { PLANNING, Preparation } from './preparation.js';
import { Retrace } from './retrace.js';
import { neglectedOnDisk } from './scratch/neglected.js';
import { Search } from './search.js';
import type { Extras, Searched } from './searched.js';
import { FAR_ENOUGH, frontierOf, type Reach, Slices, STATES_PER_PATIENCE } from './slices.js';
import { StateGraph } from './state-graph.js';
import type { VerifyResult } from './verify.js';

/** Threads share levels: one must have this part of the states that one thread searches first, or they wait for each other. */
const WIDE = 0.01;

/** States beyond which a search is planned anew as threads plan it, which costs most searches more than it gives. */
const FEW_ALONE = 60_000;

/** Automata with more local states than this are not completed before a search of few states was tried. */
const FEW_NODES = 5_000;
const FEW_STATES = 60_000;
/** Why such a search uses no reduction. */
const SMALL = 'the space is so small that it is searched as it is';

/** Times the usual patience, for a search of which a slice took all of that. */
const MORE_PATIENCE = 8;
/** A search that had to start over this often does without reductions: the values of its cells may have no end. */
const MOST_SURPRISES = 20;

/** How far a search goes, and who goes on from there. */
interface Passage extends Reach {
  /** Threads, which compile the model for themselves. */
  readonly handsOverTo?: LevelThreads;
  /** Is planned as threads, and whoever goes on with it later, plan it. */
  readonly isPlannedAlike?: boolean;
  /** Uses no reduction, because the space is small. */
  readonly asItIs?: boolean;
}

/** One run of verify. */
export class Verification {
  readonly #prepared: Preparation;
  readonly #findings: Findings;
  /** What surprised the search for violations so far. */
  #surprises = 0;
  readonly #notChecked: string[] = [];
  readonly #slices: Slices;
  /** Whether something that was asked for was left out because of the signal. */
  #interrupted = false;
  /** What is wrong with the model, where that ended a search. */
  #refused: ModelError | undefined;
  /** Whether the search for violations covered its space as it is; then no other one needs completed automata either. */
  #isSmall = false;
  /** Bytes of what the search for violations holds, which stays while others run. */
  #held = 0;

  constructor(
    readonly model: Model,
    readonly program: Program,
    readonly options: CheckedVerifyOptions,
  ) {
    this.#findings = new Findings(model, options.titleOf);
    this.#slices = new Slices(options, program.automaton, () => this.#findings.all.length);
    this.#prepared = new Preparation(model, program, options);
  }

  async run(): Promise<VerifyResult> {
    const { options } = this;
    this.#prepared.walk();
    const main = await this.#main();
    const { search, plan } = main;
    this.#held = search.table.bytes + (main.graph?.bytes ?? 0);
    const { program } = plan.system;
    for (const from of main.shown === undefined ? [search] : [main.shown, search]) {
      this.#findings.addSightings(from, main.isCut === true);
    }
    if (main.stoppedBy !== undefined) this.#findings.takeAside();
    const stopped = main.stoppedBy === undefined ? await this.#searchOrders(main) : main;
    const stoppedBy = stopped?.stoppedBy;
    const counting = new Counting(options, this.program.automaton, this.#notChecked, (...how) => this.#counts(...how));
    const interleavings = await counting.of(main, stoppedBy !== undefined);
    this.#interrupted ||= counting.isInterrupted;
    const { all: findings, untold } = this.#findings;
    for (const text of untold) this.#notChecked.push(`${text}, which was met just before the search was given up`);
    if (this.#refused !== undefined && findings.length === 0 && !this.#interrupted) throw this.#refused;
    const isSilent = findings.length === 0 && stoppedBy === undefined;
    const ends = search.completed + this.#findings.endsBesideDaemons;
    const unasked = isSilent && program.finally.length > 0 && ends === 0;
    if (unasked) this.#notChecked.push('what must hold at the end (no run comes to its end)');
    const look = () => uncovered(program, main.met, plan.system.view, search.stepper.ops.coverage);
    return {
      verdict: findings.length > 0 ? 'violation' : stoppedBy !== undefined || unasked ? 'inconclusive' : 'verified',
      stoppedBy,
      left: stopped && {
        phase: stopped === main ? 'search' : 'cycles and lock order',
        frontier: frontierOf(stopped.search, stopped.states),
      },
      growing: (stopped && ifThereIsTime(options, program.automaton, () => growingCells(stopped.search))) ?? [],
      states: main.states,
      transitions: search.transitions,
      depth: search.depth,
      levels: search.levels(main.states),
      completed: search.completed,
      endsBesideDaemons: this.#findings.endsBesideDaemons,
      deadlocked: search.deadlocked,
      finalStates: search.sightings.finalStates.size,
      finalStatesFolded: search.sightings.finalStatesFolded,
      bytesPerState: (main.folder?.bytes ?? search.table.bytes) / Math.max(1, main.states),
      folder: main.folder,
      interleavings,
      findings,
      coverage: options.coverage ? ifThereIsTime(options, program.automaton, look) : undefined,
      bound: boundOf(this.model, program, this.#notChecked),
      reductions: plan.used,
      interrupted: this.#interrupted,
      refused: this.#refused,
      workersUsed: main.threads,
      program,
    };
  }

  /**
   * The search for violations, by as many threads as were asked for if the space is worth it.
   *
   * What it reports is what one thread reports. Facts are learned by one thread only, as far as it has to go for that;
   * so all threads search the same reduced space. And the runs of the findings are those of a search by one thread.
   */
  async #main(): Promise<Searched> {
    const threads = new LevelThreads(this.options.workers);
    try {
      return await this.#mainBy(threads);
    } finally {
      await threads.close();
    }
  }

  async #mainBy(threads: LevelThreads): Promise<Searched> {
    const { workers, order, aloneUntil, scratch } = this.options;
    if (scratch !== undefined) return await this.#onDisk(scratch);
    const shares = workers > 1 && this.model.source !== undefined && order === 'breadth-first';
    const small = await this.#small();
    if (small !== undefined && (small.stoppedBy === undefined || isOver(small.stoppedBy))) return small;
    if (!shares) {
      const { stoppedBy, ...searched } = await this.#whole({});
      // There may have been no time to begin.
      return searched.search.expanded === 0 && small !== undefined
        ? { ...small, stoppedBy }
        : { ...searched, stoppedBy };
    }
    const few = await this.#whole({ most: Math.min(aloneUntil, FEW_ALONE) });
    if (few.stoppedBy !== FAR_ENOUGH) return few;
    let reach: Passage = { most: aloneUntil, width: aloneUntil * WIDE, handsOverTo: threads };
    for (;;) {
      const learned = this.#surprises;
      const first = await this.#whole(reach);
      if (first.stoppedBy !== FAR_ENOUGH) return first;
      const isStuck = reach.deepest !== undefined && this.#surprises === learned;
      if (isStuck || this.#surprises >= MOST_SURPRISES || first.plan.completion === undefined)
        return await this.#whole({});
      const shared = await this.#share(first, threads);
      if ('search' in shared) return shared;
      // One thread will meet a surprise as well, on that level or before it.
      reach = { deepest: shared.surprisedAt + 1, handsOverTo: threads };
    }
  }

  async #onDisk(path: string): Promise<Searched> {
    const { model, options } = this;
    const [{ ScratchRun }, { searchOnDisk }] = await Promise.all([
      import('./scratch/scratch-run.js'),
      import('./scratch/on-disk.js'),
    ]);
    const few = { most: Math.min(options.aloneUntil, FEW_ALONE), isPlannedAlike: true };
    const searched = await searchOnDisk({
      ...{ options, prepared: this.#prepared, wanted: this.#wanted, farEnough: FAR_ENOUGH },
      run: await ScratchRun.open(path, model, options, this.#wanted),
      few: () => this.#whole(few),
      stop: (states, mayEnd) => this.#slices.stop(states, 0, mayEnd),
    });
    this.#findings.untold.push(...(searched.untold ?? []));
    return this.#stopped(searched, searched.stoppedBy, searched.refused);
  }

  /**
   * A space of few states whose automata have very many local states, searched as it is: completing these, which merging
   * needs, would take longer by far. Undefined when the automata have few; stopped when the space has more.
   */
  async #small(): Promise<Searched | undefined> {
    if (!this.#prepared.hasMoreNodes(FEW_NODES)) return undefined;
    const reach = { most: FEW_STATES, isForKernelsToo: true, asItIs: true };
    const small = await this.#whole(reach);
    this.#isSmall = small.stoppedBy === undefined;
    return small;
  }

  #whole(reach: Passage): Promise<Searched> {
    return this.#search('search', this.#wanted, (plan, memory) => this.#besides(plan, memory), reach);
  }

  /** Goes on with a search by several threads; where they were surprised, if they were. */
  async #share(
    { search, plan, met }: Searched,
    threads: LevelThreads,
  ): Promise<Searched | { readonly surprisedAt: number }> {
    let isOutOfTime = false;
    try {
      const parallel = new ParallelSearch(search, threads.count);
      const stoppedBy = await parallel.run(threads.callUp(this.#subject()), (states, transitions, mayEnd) => {
        const memoryBytes = search.table.bytes;
        this.#slices.report('search', search, { states, transitions, memoryBytes });
        const why = this.#slices.stop(states, memoryBytes, mayEnd);
        isOutOfTime ||= why !== undefined && !mayEnd;
        return why;
      });
      // Who has no time left is told of a run that is as short and not the same each time.
      const again = parallel.lastFound >= 0 && !isOutOfTime;
      const deepest = parallel.lastFound + 1;
      const shown = again
        ? await this.#search('findings', this.#wanted, (plan, memory) => this.#besides(plan, memory), { deepest })
        : undefined;
      const { states } = parallel;
      return this.#stopped({ search, plan, met, states, threads: threads.count, shown: shown?.search }, stoppedBy);
    } catch (end) {
      if (end instanceof Surprise) return { surprisedAt: search.depth };
      const here = { search, plan, met, states: search.table.size, threads: 1 };
      if (end instanceof ModelError) return this.#stopped(here, BROKEN_MODEL, end);
      if (end instanceof OutOfMemory) return this.#stopped(here, end.message);
      throw end;
    } finally {
      threads.dismiss();
    }
  }

  /** Reductions of the search for violations. */
  get #wanted(): WantedReductions {
    const { merge, symmetry, por } = this.options;
    return { merge, symmetry, por };
  }

  /** What threads have to know to plan that search as it is planned here. */
  #subject(): LevelSubject {
    const { source = '', name, parameters } = this.model;
    return { source, model: name, parameters, facts: this.#prepared.met.facts(), wanted: this.#wanted };
  }

  /** Livelock, starvation and lock order; the search for them if it was given up. */
  async #searchOrders(main: Searched): Promise<Searched | undefined> {
    const { all, liveness, lockOrder } = this.options;
    const endsHere = this.#findings.all.length > 0 && !all;
    if (!liveness || endsHere) this.#notChecked.push('livelock and starvation');
    if (!lockOrder || endsHere) this.#notChecked.push('the order of locks');
    if (endsHere) return undefined;
    if (main.folder !== undefined) {
      this.#notChecked.push(...neglectedOnDisk(main, this.options));
      return undefined;
    }
    const cycles = (liveness || this.#asksBesideDaemons) && main.search.loops;
    const locks = lockOrder && LockOrder.isOfInterest(main.plan.system.program);
    if ((!cycles || main.graph !== undefined) && (!locks || main.locks !== undefined)) {
      return await this.#judge(main, main);
    }
    const { merge } = this.options;
    const unfolded = await this.#search(
      'cycles and lock order',
      { merge, symmetry: false, por: false },
      (plan, memory) => ({
        graph: cycles ? new StateGraph(plan.system.sets, memory) : undefined,
        locks: locks ? new LockOrder(plan.system) : undefined,
      }),
    );
    return unfolded.stoppedBy === undefined ? await this.#judge(unfolded, main) : unfolded;
  }

  /** Whether runs may end beside somebody who need not: what must hold there is asked, and what they end in is counted. */
  get #asksBesideDaemons(): boolean {
    return this.program.actors.some(({ daemon }) => daemon);
  }

  /** What a first search collects besides, if it leaves out no order and folds no actors. */
  #besides({ canonical, reduction, mayLoop, system }: Plan, memory: MemoryBudget): Extras {
    const { order, liveness, lockOrder } = this.options;
    if (canonical !== undefined || reduction !== undefined || order === 'depth-first') return {};
    return {
      graph: (liveness || this.#asksBesideDaemons) && mayLoop ? new StateGraph(system.sets, memory) : undefined,
      locks: lockOrder && LockOrder.isOfInterest(system.program) ? new LockOrder(system) : undefined,
    };
  }

  /**
   * Takes from a search that left out no order, and came to its end, what the search for violations, `main`, could not
   * see; the search, if there is no time or memory for that.
   */
  async #judge(searched: Searched, main: Searched): Promise<Searched | undefined> {
    const times = PLANNING + searched.states / STATES_PER_PATIENCE;
    try {
      const stoppedBy = await this.#slices.drive(
        () => this.#findings.judge(searched, main.search, this.options.liveness),
        times,
      );
      return stoppedBy === undefined ? undefined : this.#stopped(searched, stoppedBy);
    } catch (error) {
      if (error instanceof CutOff) return this.#stopped(searched, stoppedByCut(error));
      if (!isAllocationFailure(error)) throw error;
      return { ...searched, stoppedBy: 'the machine, which had no memory left to look for cycles' };
    }
  }

  /** A search for the number of interleavings. */
  #counts(most: number, goesOn: boolean): Promise<Searched> {
    const wanted = { merge: this.options.merge, symmetry: false, por: false };
    const besides = ({ system }: Plan, memory: MemoryBudget) => ({ graph: new StateGraph(system.sets, memory) });
    return this.#search('count', wanted, besides, { most }, goesOn);
  }

  /** Runs a search to its end or to a bound; starts over when it meets what its plan did not know. */
  async #search(
    phase: VerifyPhase,
    wanted: WantedReductions,
    besides: (plan: Plan, memory: MemoryBudget) => Extras,
    { handsOverTo, isPlannedAlike, asItIs, ...reach }: Passage = {},
    goesOn = false,
  ): Promise<Searched> {
    const isMain = phase === 'search' || phase === 'findings';
    let patience = 1;
    let before: Searched | undefined;
    for (let surprises = isMain ? this.#surprises : 0; ; surprises++) {
      if (isMain) this.#surprises = surprises;
      const completes = asItIs || this.#isSmall ? SMALL : surprises < MOST_SURPRISES || ENDLESS;
      const { plan, met } = await this.#prepared.plan(wanted, completes, isPlannedAlike || handsOverTo !== undefined);
      const { maxMemoryBytes, kernel } = this.options;
      const memory = new MemoryBudget(maxMemoryBytes - (isMain ? 0 : this.#held), maxMemoryBytes);
      const { graph, locks } = besides(plan, memory);
      const settings = {
        order: isMain ? this.options.order : ('breadth-first' as const),
        all: !isMain || this.options.all,
        canonical: plan.canonical,
        reduction: plan.reduction,
        ...{ goesOn, memory, graph, locks, kernelFrom: kernel ? undefined : Number.POSITIVE_INFINITY },
      };
      const search = this.#prepared.readied((idle) => new Search(plan.system, { ...settings, idle }, met));
      const searched = { search, plan, met, graph, locks, states: search.table.size, threads: 1 };
      const { cut } = this.#prepared;
      if (cut !== undefined) return this.#stopped(before ?? searched, stoppedByCut(cut), cut.stuck);
      const { stoppedBy, surprise, isCut, refused, wasSlow } = await this.#slices.run(phase, search, graph, {
        ...{ ...reach, patience },
        onTheWay: handsOverTo && (() => handsOverTo.callUp(this.#subject())),
      });
      if (wasSlow) {
        patience = MORE_PATIENCE;
        continue;
      }
      if (surprise === undefined) {
        return this.#stopped({ ...searched, states: search.table.size, isCut }, stoppedBy, refused);
      }
      before = { ...searched, states: search.table.size, stoppedBy };
      // Where a search goes on after what broke, no run shows what it meets there.
      if (!goesOn) this.#findings.setAside(search);
      this.#prepared.met.learn(surprise.fact);
      handsOverTo?.dismiss();
      // Whatever comes after it was not met either.
      const way = Retrace.wayTo(search);
      if (way !== undefined) this.#prepared.walkAfter(way);
    }
  }

  #stopped(
    searched: Omit<Searched, 'stoppedBy'>,
    stoppedBy: string | undefined,
    refused?: ModelError | undefined,
  ): Searched {
    this.#interrupted ||= stoppedBy === INTERRUPTED;
    this.#refused ??= refused;
    return { ...searched, stoppedBy };
  }
}
