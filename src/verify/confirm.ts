/**
 * Confirming a claim: what the run of a livelock, a starvation or a lock-order finding does not show by itself, examined
 * from that run alone. Used by whoever replays a finding.
 *
 * A round is a round if it leads back to the state where it began, equivalent local states taken for one; it is weakly
 * fair if every actor moves in it or comes to where it cannot; nothing leads out of it if no end can be reached from it.
 * Of a ring of locks one run need not show every edge; those that it does not show are named.
 */

import type { Program } from '../core/program/program.js';
import type { Violation } from '../core/run/checks.js';
import type { Schedule } from '../core/schedule.js';
import { roundViolation } from '../core/story/round.js';
import { Groundwork } from '../space/groundwork.js';
import { Met, Surprise } from '../space/met.js';
import { ENDLESS, planOf } from '../space/plan.js';
import { StepOutcome, Stepper } from '../space/stepper.js';
import type { System } from '../space/system.js';
import { Walks } from '../space/walks.js';
import type { Claim, ClaimedEdge } from './claim.js';
import { type Demand, Demands } from './demands.js';
import { lockClass } from './lock-edge.js';
import { LockOrder, lockOrderWords } from './lock-order.js';
import { actorsOf } from './round.js';

/** What became of a claim. */
export interface Confirmed {
  /** Undefined when the claim does not hold. */
  readonly violation: Violation | undefined;
  /** What the run does not show, or why the claim does not hold: sentences. */
  readonly notes: readonly string[];
}

/** States from which an end is looked for before a livelock is taken on trust. */
const MOST_STATES = 100_000;
/** Values that were not met before are learned this often. */
const MOST_SURPRISES = 20;

/** Examines a claim about a run of a program; the schedule is one that the program can follow. */
export function confirmClaim(program: Program, schedule: Schedule, claim: Claim): Confirmed {
  const met = new Met(program.automaton);
  const ground = new Groundwork(program, met);
  new Walks(program, met).fromStart();
  for (let surprises = 0; ; surprises++) {
    const wanted = { merge: true, symmetry: false, por: false };
    const { system } = planOf(ground, wanted, surprises < MOST_SURPRISES || ENDLESS);
    try {
      const stepper = new Stepper(system, met);
      return claim.kind === 'lock-order'
        ? confirmLocks(stepper, schedule, claim)
        : confirmRound(stepper, schedule, claim);
    } catch (surprise) {
      if (!(surprise instanceof Surprise)) throw surprise;
      met.learn(surprise.fact);
    }
  }
}

/** Follows a schedule; `look` sees the state before each step, with the answer to its choice, and the last. */
function follow(stepper: Stepper, { steps, choices }: Schedule, look: (place: number, choice: number) => void): void {
  stepper.state.set(stepper.system.initial);
  let answered = 0;
  for (const [place, actor] of steps.entries()) {
    const choice = stepper.outcomesOf(actor) > 1 ? choices[answered++] : 0;
    look(place, choice);
    stepper.step(actor, choice);
    stepper.accept();
  }
  look(steps.length, 0);
}

function confirmLocks(stepper: Stepper, schedule: Schedule, { edges: ring, idle }: LocksClaim): Confirmed {
  const locks = new LockOrder(stepper.system);
  follow(stepper, schedule, (place) => locks.visit(stepper, place));
  const seen = locks.edges;
  const isSeen = ({ held, wanted, heldAs, wantedAs }: ClaimedEdge): boolean =>
    seen.some(
      (edge) =>
        isNamed(edge.held, held) &&
        isNamed(edge.wanted, wanted) &&
        edge.heldAs === heldAs &&
        edge.wantedAs === wantedAs,
    );
  const missing = ring.filter((edge) => !isSeen(edge));
  if (missing.length === ring.length) {
    return { violation: undefined, notes: ['None of the locks is wanted while the other is held in this run.'] };
  }
  const notes = missing.map(
    ({ held, wanted }) =>
      `That ${wanted} is wanted while ${held} is held is seen in another run; this one shows the rest.`,
  );
  return {
    violation: { kind: 'lock-order', words: lockOrderWords(ring, idle === true), rule: 'locks are taken in one order' },
    notes,
  };
}

/** Whether a lock has that name, which may be that of its class. */
function isNamed(lock: string, name: string): boolean {
  return lock === name || lockClass(lock) === name;
}

type LocksClaim = Extract<Claim, { kind: 'lock-order' }>;
type RoundClaim = Extract<Claim, { loopFrom: number }>;

function confirmRound(stepper: Stepper, schedule: Schedule, { kind, loopFrom }: RoundClaim): Confirmed {
  const { system } = stepper;
  const { sets } = system;
  let unable = 0;
  let head = new Int32Array(0);
  const demands = new Demands(system, stepper);
  const labels = new Set<number>();
  follow(stepper, schedule, (place, choice) => {
    if (place < loopFrom) return;
    if (place === loopFrom) head = stepper.state.slice(0, system.fields);
    unable = sets.union(unable, sets.others(movesOf(stepper).able));
    if (place === schedule.steps.length) return;
    labels.add(demands.step(schedule.steps[place], choice).label);
    stepper.undo();
  });
  const refuted = (sentence: string): Confirmed => ({ violation: undefined, notes: [sentence] });
  if (loopFrom >= schedule.steps.length || head.some((value, field) => stepper.state[field] !== value)) {
    return refuted('The run does not come back to where its round begins.');
  }
  const movers = sets.of(schedule.steps.slice(loopFrom));
  const starved = system.unfinished(stepper.state);
  if (starved === 0) return refuted('Everybody who has to finish has finished when the round begins.');
  if (sets.union(movers, unable) !== sets.everyone)
    return refuted('Somebody who could go on all the time never gets a turn.');
  const violation = roundViolation(system.program, actorsOf(sets, { kind, starved, movers }));
  if (kind === 'starvation') {
    const met = new Set([...labels].flatMap((label) => demands.labels[label].meets));
    const unmet = [...labels]
      .flatMap((label) => demands.labels[label].makes)
      .find((demand) => demands.isDeclared(demand) && !met.has(demand));
    return unmet === undefined ? { violation, notes: [] } : refuted(unfairText(system, demands.list[unmet]));
  }
  const way = wayOut(stepper);
  if (way === 'found') return refuted('A way leads out of the round.');
  const bounded = `No way out was found in ${MOST_STATES} states; more than these can be reached.`;
  return { violation, notes: way === 'bounded' ? [bounded] : [] };
}

function unfairText({ program }: System, { arbiter, actor, outcome }: Demand): string {
  const { name } = program.actors[actor];
  return arbiter.kind === 'choice'
    ? `The round is not fair: "${arbiter.name}" is declared fair, and ${name} never gets "${arbiter.outcomes[outcome]}".`
    : `The round is not fair: ${arbiter.name} is declared fair, and ${name} waits for it and never gets it.`;
}

interface Moves {
  /** The actors that can take a step, as a set. */
  readonly able: number;
  /** Whether a step breaks something. */
  readonly breaks: boolean;
  readonly successors: readonly Int32Array[];
}

/** Every step from the stepper's state. */
function movesOf(stepper: Stepper): Moves {
  const successors: Int32Array[] = [];
  const { sets } = stepper.system;
  let able = 0;
  let breaks = false;
  for (let actor = 0; actor < stepper.system.actors; actor++) {
    const outcomes = stepper.outcomesOf(actor);
    for (let choice = 0; choice < outcomes; choice++) {
      const flags = stepper.step(actor, choice);
      if (flags === StepOutcome.Blocked) break;
      able = sets.with(able, actor);
      if ((flags & StepOutcome.Violation) !== 0) breaks = true;
      else successors.push(stepper.state.slice(0, stepper.system.fields));
      stepper.undo();
    }
  }
  return { able, breaks, successors };
}

/** Whether a run from the stepper's state may come to an end: one that finished, is stuck, or broke something. */
function wayOut(stepper: Stepper): 'found' | 'none' | 'bounded' {
  const { state, system } = stepper;
  const queue: Int32Array[] = [state.slice(0, system.fields)];
  const met = new Set([queue[0].join()]);
  for (const fields of queue) {
    load(system, state, fields);
    if (system.unfinished(state) === 0) return 'found';
    const { able, breaks, successors } = movesOf(stepper);
    if (able === 0 || breaks) return 'found';
    for (const next of successors) {
      const key = next.join();
      if (met.has(key)) continue;
      if (met.size === MOST_STATES) return 'bounded';
      met.add(key);
      queue.push(next);
    }
  }
  return 'none';
}

function load(system: System, state: Int32Array, fields: Int32Array): void {
  state.set(fields);
  system.placeRegisters(state);
}
