/**
 * Rounds as findings: who goes round where, and a run that does. Used by `verify`.
 */

import type { ActorSets } from '../core/run/actor-sets.js';
import type { Violation } from '../core/run/checks.js';
import type { Schedule } from '../core/schedule.js';
import { type RoundActors, roundSignature, roundViolation } from '../core/story/round.js';
import type { Signature } from '../core/story/signature.js';
import { StepOutcome } from '../space/stepper.js';
import type { FairRound } from './fair-rounds.js';
import type { Round } from './liveness.js';
import { remedyWords } from './remedy-words.js';
import { Retrace } from './retrace.js';
import type { Search } from './search.js';
import type { StateGraph } from './state-graph.js';
import { Tour } from './tour.js';

/** A round with what identifies it and a run into it and once round. */
export interface RoundFinding {
  readonly signature: Signature;
  readonly violation: Violation;
  readonly schedule: Schedule;
  /** The step from which it goes round. */
  readonly loopFrom: number;
}

/** States of a round that are looked at for the loops in it; a round of more has the same loops many times over. */
const SAMPLE = 4096;

/** Describes a round that was found in the graph of a search. */
export function describeRound(search: Search, graph: StateGraph, round: FairRound): RoundFinding {
  const { program } = search.system;
  const signature = roundSignature(program.automaton, round.kind, starvedNodes(search, round));
  const retrace = new Retrace(search).to(round.states[0]);
  const loopFrom = retrace.schedule.steps.length;
  const tour = new Tour(graph, search, round);
  for (const { actor, target, choice } of tour.walk()) retrace.step(target, actor, choice);
  const violation = roundViolation(program, actorsOf(search.system.sets, round));
  const words = [violation.words, ...remedyWords(program, round.remedies)].join('. ');
  return { signature, violation: { ...violation, words }, schedule: retrace.schedule, loopFrom };
}

/** Who goes round and who is starved, by number instead of in sets. */
export function actorsOf(sets: ActorSets, { kind, starved, movers }: Omit<Round, 'states'>): RoundActors {
  return { kind, starved: sets.members(starved), movers: sets.members(movers) };
}

/** Where the starved actors are: nodes at the heads of the loops that they go round, or of the ops that they wait in. */
function starvedNodes(search: Search, round: Round): ReadonlySet<number> {
  const { stepper, system } = search;
  const nodes = new Set<number>();
  const add = (actor: number): void => {
    nodes.add(system.scripts[actor].states[stepper.state[system.localBase + actor]].node);
  };
  for (const state of round.states.slice(0, SAMPLE)) {
    search.load(state);
    for (let actor = 0; actor < system.actors; actor++) {
      if (!system.sets.has(round.starved, actor)) continue;
      if (!system.sets.has(round.movers, actor)) add(actor);
      else {
        const flags = stepper.step(actor, 0);
        if ((flags & StepOutcome.Again) !== 0) add(actor);
        if (flags !== StepOutcome.Blocked) stepper.undo();
      }
    }
  }
  return nodes;
}
