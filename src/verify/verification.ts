/**
 * Verification: one run of verify, search by search. Used by `verify` only.
 */

import { setImmediate } from 'node:timers/promises';
import type { Program } from '../core/program.js';
import { signatureText } from '../core/signature.js';
import { compileModel, type Model } from '../primitives/model.js';
import { boundOf } from './bound.js';
import { countInterleavings, type Interleavings } from './count.js';
import { uncovered } from './coverage.js';
import { type FindingContext, findingOf, lockOrderFinding, roundFinding, type VerifyFinding } from './finding-of.js';
import { LevelThreads } from './level-threads.js';
import { sharedPlan } from './level-worker.js';
import { roundsOf } from './liveness.js';
import { LockOrder } from './lock-order.js';
import { Met, Surprise } from './met.js';
import type { CheckedOptions, VerifyPhase } from './options.js';
import { ParallelSearch } from './parallel.js';
import { type Plan, planOf, type Wanted } from './plan.js';
import { Retrace } from './retrace.js';
import { describeRound } from './round.js';
import { Search } from './search.js';
import { StateGraph } from './state-graph.js';
import type { Stepper } from './stepper.js';
import type { VerifyResult } from './verify.js';
import { Walks } from './walks.js';

/** Why a search that has to go no further for now ended; nobody is told. */
const FAR_ENOUGH = 'far enough';
/**
 * A count goes on after what broke, into states that no other search takes up, and nothing may hold them: a counter
 * that a check should have stopped runs on to 2^32. Unless the caller has a bound, this is theirs.
 */
const MOST_COUNTED = 10_000_000;

/** States taken up between two looks at bounds, deadline and signal. */
const SLICE = 2048;

/** A search that had to start over this often does without reductions: the values of its cells may have no end. */
const MOST_SURPRISES = 20;

/** What a search collects besides states. */
interface Extras {
  readonly graph?: StateGraph | undefined;
  readonly locks?: LockOrder | undefined;
}

/** A search that ran to its end or to a bound, with its plan. */
interface Searched extends Extras {
  readonly search: Search;
  readonly plan: Plan;
  readonly met: Met;
  readonly states: number;
  readonly threads: number;
  /** Why it was given up; undefined when it was not. */
  readonly stoppedBy: string | undefined;
  /** The search that findings are taken from first, if it is another: one by one thread. */
  readonly shown?: Search | undefined;
}

/** How far a search goes. */
interface Reach {
  /** States; default: the caller's bound. */
  readonly most?: number;
  /** Levels that are deeper than this are not taken up. */
  readonly deepest?: number;
}

/** How a search ended; neither when it was over. */
interface Sliced {
  readonly stoppedBy?: string | undefined;
  readonly surprise?: Surprise | undefined;
}

/** One run of verify. */
export class Verification {
  readonly #met: Met;
  readonly #walks: Walks;
  readonly #findings: VerifyFinding[] = [];
  /** What surprised the search for violations so far. */
  #surprises = 0;
  readonly #notChecked: string[] = [];
  /** Names and classes of the locks in the ring of each deadlock that was found. */
  readonly #stuckIn: (readonly string[])[] = [];

  constructor(
    readonly model: Model,
    readonly program: Program,
    readonly options: CheckedOptions,
  ) {
    this.#met = new Met(program.automaton);
    this.#walks = new Walks(program, this.#met);
    this.#walks.fromStart();
  }

  async run(): Promise<VerifyResult> {
    const { options } = this;
    const main = await this.#main();
    const { search, plan } = main;
    const { program } = plan.system;
    for (const from of main.shown === undefined ? [search] : [main.shown, search]) this.#addStepFindings(from);
    const stopped = main.stoppedBy === undefined ? await this.#searchOrders(main) : main;
    const stoppedBy = stopped?.stoppedBy;
    const interleavings = options.count && stoppedBy === undefined ? await this.#count(main) : undefined;
    return {
      verdict: this.#findings.length > 0 ? 'violation' : stoppedBy === undefined ? 'verified' : 'inconclusive',
      stoppedBy,
      left: stopped && {
        phase: stopped === main ? 'search' : 'cycles and lock order',
        frontier: frontierOf(stopped.search, stopped.states),
      },
      states: main.states,
      transitions: search.transitions,
      depth: search.depth,
      completed: search.completed,
      deadlocked: search.deadlocked,
      finalStates: search.sightings.finalStates.size,
      finalStatesFolded: search.sightings.finalStatesFolded,
      bytesPerState: search.table.bytes / main.states,
      interleavings,
      findings: this.#findings,
      coverage: options.coverage
        ? uncovered(program, main.met, plan.system.view, search.stepper.ops.coverage)
        : undefined,
      bound: boundOf(this.model, program, this.#notChecked),
      reductions: plan.used,
      interrupted: options.signal?.aborted ?? false,
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
    const { merge, symmetry, por, workers, order, aloneUntil } = this.options;
    const wanted = { merge, symmetry, por };
    const alone = (reach: Reach): Promise<Searched> => {
      return this.#search('search', wanted, (plan) => this.#besides(plan), reach);
    };
    const shares = workers > 1 && this.model.source !== undefined && order === 'breadth-first';
    let reach: Reach = shares ? { most: aloneUntil } : {};
    for (;;) {
      const learned = this.#surprises;
      const first = await alone(reach);
      if (first.stoppedBy !== FAR_ENOUGH) return first;
      const isStuck = reach.deepest !== undefined && this.#surprises === learned;
      const shared = isStuck || this.#surprises >= MOST_SURPRISES ? undefined : await this.#share(wanted, threads);
      if (shared === undefined) return await alone({});
      if ('search' in shared) return shared;
      // One thread will meet a surprise as well, on that level or before it.
      reach = { deepest: shared.surprisedAt + 1 };
    }
  }

  /** The same by several threads, or where they were surprised; undefined when they could not agree on local states. */
  async #share(
    wanted: Wanted,
    threads: LevelThreads,
  ): Promise<Searched | { readonly surprisedAt: number } | undefined> {
    const { source = '', name, parameters } = this.model;
    const { all } = this.options;
    const facts = this.#met.facts();
    const shared = sharedPlan(await compileModel(this.model), facts, wanted);
    if (shared === undefined) return undefined;
    const parallel = new ParallelSearch(shared.plan, shared.met, all);
    const { search } = parallel;
    let isOutOfTime = false;
    try {
      const setup = { source, model: name, parameters, facts, wanted };
      const stoppedBy = await parallel.run(setup, threads, (_, states, transitions, mayEnd) => {
        const memoryBytes = search.table.bytes;
        this.#report('search', { search, states, transitions, memoryBytes });
        const why = this.#bounded(states, memoryBytes, mayEnd);
        isOutOfTime ||= why !== undefined && !mayEnd;
        return why;
      });
      // Who has no time left is told of a run that is as short and not the same each time.
      const again = parallel.lastFound >= 0 && !isOutOfTime;
      const deepest = parallel.lastFound + 1;
      const shown = again
        ? await this.#search('findings', wanted, (plan) => this.#besides(plan), { deepest })
        : undefined;
      const { states } = parallel;
      return {
        search,
        states,
        plan: shared.plan,
        met: shared.met,
        stoppedBy,
        threads: threads.count,
        shown: shown?.search,
      };
    } catch (surprise) {
      if (!(surprise instanceof Surprise)) throw surprise;
      return { surprisedAt: search.depth };
    }
  }

  /** Livelock, starvation and lock order; the search for them if it was given up. */
  async #searchOrders(main: Searched): Promise<Searched | undefined> {
    const { all, liveness, lockOrder } = this.options;
    if (!liveness) this.#notChecked.push('livelock and starvation');
    if (!lockOrder) this.#notChecked.push('the order of locks');
    if (this.#findings.length > 0 && !all) {
      if (liveness) this.#notChecked.push('livelock and starvation');
      if (lockOrder) this.#notChecked.push('the order of locks');
      return undefined;
    }
    const cycles = liveness && main.search.loops;
    const locks = lockOrder && LockOrder.isOfInterest(this.program);
    if ((!cycles || main.graph !== undefined) && (!locks || main.locks !== undefined)) {
      this.#judge(main);
      return undefined;
    }
    const { merge } = this.options;
    const unfolded = await this.#search('cycles and lock order', { merge, symmetry: false, por: false }, (plan) => ({
      graph: cycles ? new StateGraph() : undefined,
      locks: locks ? new LockOrder(plan.system) : undefined,
    }));
    if (unfolded.stoppedBy !== undefined) return unfolded;
    this.#judge(unfolded);
    return undefined;
  }

  /** What a first search collects besides, if it leaves out no order and folds no actors. */
  #besides({ canonical, reduction, mayLoop, system }: Plan): Extras {
    const { order, liveness, lockOrder } = this.options;
    if (canonical !== undefined || reduction !== undefined || order === 'depth-first') return {};
    return {
      graph: liveness && mayLoop ? new StateGraph() : undefined,
      locks: lockOrder && LockOrder.isOfInterest(this.program) ? new LockOrder(system) : undefined,
    };
  }

  #judge({ search, graph, locks }: Searched): void {
    const context = this.#context(search);
    const rounds = graph && search.loops ? roundsOf(graph, search.table.size, search.system.actors) : [];
    for (const round of rounds) this.#add(roundFinding(context, describeRound(search, graph as StateGraph, round)));
    for (const cycle of locks?.cycles() ?? []) {
      // A ring of locks in which a run was stuck is told already.
      const names = cycle.map(({ held }) => held);
      if (!this.#stuckIn.some((ring) => names.every((name) => ring.includes(name)))) {
        this.#add(lockOrderFinding(context, cycle));
      }
    }
  }

  /** The findings of what a search met, unless they are there already. */
  #addStepFindings(search: Search): void {
    for (const sighting of search.sightings.bySignature.values()) {
      const text = signatureText(sighting.signature);
      if (this.#findings.some(({ signature }) => signature === text)) continue;
      const { finding, locks } = findingOf(this.#context(search), sighting);
      this.#findings.push(finding);
      this.#stuckIn.push(locks);
    }
  }

  #add(finding: VerifyFinding): void {
    if (this.#findings.every(({ signature }) => signature !== finding.signature)) this.#findings.push(finding);
  }

  /** The number of interleavings; undefined, with the reason noted, when a bound came first. */
  async #count(main: Searched): Promise<Interleavings | undefined> {
    const broken = main.search.sightings.count > 0;
    // A round within the space that was covered answers it, wherever runs that broke something may go on to.
    if (!broken || main.search.loops) {
      const covered = await this.#countedTo(this.options.maxStates, false);
      if (!broken || covered === undefined || covered === 'unbounded') return covered;
    }
    const { maxStates } = this.options;
    return await this.#countedTo(maxStates === Number.POSITIVE_INFINITY ? MOST_COUNTED : maxStates, true);
  }

  async #countedTo(most: number, goesOn: boolean): Promise<Interleavings | undefined> {
    const wanted = { merge: this.options.merge, symmetry: false, por: false };
    const besides = () => ({ graph: new StateGraph() });
    const { search, graph, stoppedBy } = await this.#search('count', wanted, besides, { most }, goesOn);
    if (stoppedBy === undefined) return countInterleavings(graph as StateGraph, search.table.size);
    const beyond = goesOn ? ', with what comes after a violation' : '';
    const why = stoppedBy === FAR_ENOUGH ? `the bound of ${most} states` : stoppedBy;
    this.#notChecked.push(`the number of interleavings (${why}${beyond})`);
    return undefined;
  }

  /** Runs a search to its end or to a bound; starts over when it meets what its plan did not know. */
  async #search(
    phase: VerifyPhase,
    wanted: Wanted,
    besides: (plan: Plan) => Extras,
    reach: Reach = {},
    goesOn = false,
  ): Promise<Searched> {
    const isMain = phase === 'search' || phase === 'findings';
    for (let surprises = isMain ? this.#surprises : 0; ; surprises++) {
      if (isMain) this.#surprises = surprises;
      const plan = planOf(this.program, this.#met, wanted, surprises < MOST_SURPRISES);
      const { graph, locks } = besides(plan);
      const settings = {
        order: isMain ? this.options.order : ('breadth-first' as const),
        all: !isMain || this.options.all,
        canonical: plan.canonical,
        reduction: plan.reduction,
        footprints: plan.footprints,
        goesOn,
        graph,
        visit: locks && ((stepper: Stepper, state: number) => locks.visit(stepper, state)),
      };
      const search = new Search(plan.system, settings, this.#met);
      const { stoppedBy, surprise } = await this.#slices(phase, search, graph, reach);
      if (surprise === undefined) {
        return { search, plan, met: this.#met, graph, locks, stoppedBy, states: search.table.size, threads: 1 };
      }
      this.#met.learn(surprise.fact);
      // Whatever comes after it was not met either.
      const way = Retrace.wayTo(search);
      if (way !== undefined) this.#walks.after(way);
    }
  }

  /** Runs a search until it is over, a bound is reached, or something surprises it. */
  async #slices(phase: VerifyPhase, search: Search, graph: StateGraph | undefined, reach: Reach): Promise<Sliced> {
    const { deepest = Number.POSITIVE_INFINITY } = reach;
    const most = Math.min(reach.most ?? Number.POSITIVE_INFINITY, this.options.maxStates);
    for (;;) {
      const surprise = surpriseOf(() => search.run(SLICE, most, deepest));
      const states = search.table.size;
      const memoryBytes = search.table.bytes + (graph?.bytes ?? 0);
      this.#report(phase, { search, states, transitions: search.transitions, memoryBytes });
      await setImmediate();
      if (search.over && surprise === undefined) return {};
      const isFar = search.mayEnd && (states >= most || search.depth >= deepest);
      const stoppedBy = this.#bounded(states, memoryBytes, search.mayEnd) ?? (isFar ? FAR_ENOUGH : undefined);
      if (stoppedBy !== undefined) return { stoppedBy };
      if (surprise !== undefined) return { surprise };
    }
  }

  /** Why a search has to be given up now. */
  #bounded(states: number, memoryBytes: number, mayEnd: boolean): string | undefined {
    const { maxStates, maxMemoryBytes, deadline, signal } = this.options;
    if (signal?.aborted) return 'interrupted';
    if (mayEnd && states >= maxStates) return `the bound of ${maxStates} states`;
    if (memoryBytes >= maxMemoryBytes) return `the bound of ${maxMemoryBytes} bytes of memory`;
    return deadline() ? 'the deadline' : undefined;
  }

  #report(phase: VerifyPhase, now: { search: Search; states: number; transitions: number; memoryBytes: number }): void {
    const { search, ...numbers } = now;
    this.options.onProgress?.({
      ...{ phase, ...numbers },
      frontier: frontierOf(search, now.states),
      depth: search.depth,
      findings: this.#findings.length + search.sightings.count,
    });
  }

  #context(search: Search): FindingContext {
    return { model: this.model, search, titleOf: this.options.titleOf };
  }
}

/** States that wait to be taken up; those of several threads stand in the places of one table. */
function frontierOf(search: Search, states: number): number {
  return search.settings.order === 'depth-first' ? search.frontier : Math.max(0, states - search.expanded);
}

/** Runs a part of a search; what surprised it. */
function surpriseOf(run: () => void): Surprise | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof Surprise) return error;
    throw error;
  }
}
