/**
 * Findings: what the searches of one verification found, one for each signature, in the order in which it was met. Used by
 * `verify` only.
 */

import { signatureText } from '../core/story/signature.js';
import type { Trace } from '../core/story/trace.js';
import type { Model } from '../model/model.js';
import { Surprise } from '../space/met.js';
import { endsBesideDaemons } from './ends.js';
import { fairRoundsOf } from './fair-rounds.js';
import { lockOrderFinding, roundFinding, type VerifyFinding, violationFinding } from './finding-of.js';
import { roundsOf } from './liveness.js';
import { lockClass } from './lock-edge.js';
import type { LockOrder } from './lock-order.js';
import { describeRound } from './round.js';
import type { Search } from './search.js';
import type { Searched } from './searched.js';
import type { StateGraph } from './state-graph.js';

/** States that are looked at once more before the caller may look at the clock. */
const STATES_A_LOOK = 4_096;

/** Collects findings. */
export class Findings {
  readonly all: VerifyFinding[] = [];
  /** States in which a run is at its end though daemons go on. */
  endsBesideDaemons = 0;
  /** Signatures that were met by a search which was cut off in the midst of a step, so that no run to them can be told. */
  readonly untold: string[] = [];
  /** Findings of searches that started over before they came to an end. */
  readonly #aside: VerifyFinding[] = [];

  /** @param titleOf writes the title of a finding from its run */
  constructor(
    readonly model: Model,
    readonly titleOf: ((trace: Trace) => string | undefined) | undefined,
  ) {}

  /**
   * Adds what a search met in its steps and at the end of runs, unless it is there already. `isCut`: the search was cut off
   * in the midst of a step.
   */
  addSightings(search: Search, isCut = false): void {
    for (const sighting of search.sightings.bySignature.values()) {
      const text = signatureText(sighting.signature);
      if (this.all.some(({ signature }) => signature === text)) continue;
      try {
        this.all.push(violationFinding(this.#context(search), sighting));
      } catch (error) {
        if (!isCut) throw error;
        this.untold.push(text);
      }
    }
  }

  /** Puts aside what a search met that starts over: it will meet that again, if there is time for it. */
  setAside(search: Search): void {
    for (const sighting of search.sightings.bySignature.values()) {
      try {
        this.#aside.push(violationFinding(this.#context(search), sighting));
      } catch (surprise) {
        // What surprised it may lie on the way.
        if (!(surprise instanceof Surprise)) throw surprise;
      }
    }
  }

  /** Takes in what was put aside: there was no time to meet it again. */
  takeAside(): void {
    for (const finding of this.#aside) this.#add(finding);
  }

  /**
   * Takes all that a search which left out no order shows besides: `main` is the search for violations. Yields now and
   * then, and may be done again from its start.
   */
  *judge({ search, graph, locks }: Searched, main: Search, liveness: boolean): Generator<void> {
    if (graph !== undefined && search.loops) {
      this.askBesideDaemons(search, graph, main);
      if (liveness) yield* this.addRounds(search, graph);
    }
    if (locks !== undefined) yield* this.addLockOrders(search, locks);
  }

  /**
   * Asks what must hold at the end of runs where daemons go on, in the graph of a search. What ends there counts with the
   * final states of `main`, the search for violations.
   */
  askBesideDaemons(search: Search, graph: StateGraph, main: Search): void {
    const ends = endsBesideDaemons(search, graph);
    this.endsBesideDaemons = ends.length;
    for (const state of ends) {
      search.load(state);
      search.sightings.finished(state);
    }
    if (ends.length === 0) return;
    if (search !== main) main.sightings.addFinalStatesOf(search.sightings);
    this.addSightings(search);
  }

  /** Adds the livelocks and starvations in the graph of a search; yields now and then, so that its caller can look at the clock. */
  *addRounds(search: Search, graph: StateGraph): Generator<void> {
    for (const round of roundsOf(graph, search.table.size)) {
      for (const fair of yield* fairRoundsOf(search, round)) {
        this.#add(roundFinding(this.#context(search), describeRound(search, graph, fair)));
      }
    }
  }

  /** Adds the rings in the order of the locks that a search saw; yields now and then. */
  *addLockOrders(search: Search, locks: LockOrder): Generator<void> {
    const cycles = locks.cycles();
    const crowded = cycles.length === 0 ? [] : yield* this.#crowded(search, locks);
    for (const cycle of cycles) {
      if (cycle.some(({ held }) => crowded.some((name) => name === held || lockClass(name) === held))) continue;
      // A ring of locks in which a run was stuck is told already.
      const names = cycle.map(({ held }) => held);
      const stuck = [...search.sightings.rings, ...locks.cellRings].filter(({ locks: ring }) => {
        return names.every((name) => ring.some((lock) => lock === name || lockClass(lock) === name));
      });
      if (!stuck.every(({ idle }) => idle)) continue;
      this.#add(lockOrderFinding(this.#context(search), cycle, stuck.length > 0));
    }
  }

  /** Locks made of cells which somebody held while another one did who should be in its way: whatever was declared, they are none. */
  *#crowded(search: Search, locks: LockOrder): Generator<void, readonly string[]> {
    const look = locks.crowdedLooks();
    const found = new Set<string>();
    for (let state = 0; look !== undefined && state < search.table.size; state++) {
      search.load(state);
      for (const name of look(search.stepper)) found.add(name);
      if (state % STATES_A_LOOK === 0) yield;
    }
    return [...found];
  }

  #add(finding: VerifyFinding): void {
    if (this.all.every(({ signature }) => signature !== finding.signature)) this.all.push(finding);
  }

  #context(search: Search): Parameters<typeof violationFinding>[0] {
    return { model: this.model, search, titleOf: this.titleOf };
  }
}
