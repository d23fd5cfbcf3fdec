/**
 * From a run that goes round for ever to its sighting: a livelock, which cannot end any more, with the way into a round and
 * once round; or a starvation, which need not end although every actor gets its turns. Used by whoever runs schedules.
 */

import { DONE } from '../core/automaton/automaton.js';
import type { Program } from '../core/program/program.js';
import { Executor } from '../core/run/executor.js';
import type { LivelockAhead } from '../core/run/outlook.js';
import { StepFlag } from '../core/run/step-flag.js';
import type { Schedule } from '../core/schedule.js';
import { roundSignature, roundViolation } from '../core/story/round.js';
import type { Sighting } from './outcomes.js';

/** What is sighted, without when and by whom. */
export type RoundSighting = Omit<Sighting, 'foundAt' | 'strategy'>;

/** The sighting of what is ahead of a run after its last step. */
export function livelockSighting(program: Program, ahead: LivelockAhead, { steps, choices }: Schedule): RoundSighting {
  const moves = [...ahead.way, ...ahead.once];
  return {
    signature: roundSignature(program.automaton, 'livelock', ahead.nodes),
    violation: roundViolation(program, ahead),
    schedule: {
      steps: [...steps, ...moves.map(({ actor }) => actor)],
      choices: [...choices, ...moves.flatMap(({ choice }) => (choice < 0 ? [] : [choice]))],
    },
    loopFrom: steps.length + ahead.way.length,
  };
}

/** The sighting of a run whose last step leads back to where it was after the first `loopFrom` steps. */
export function lassoSighting(program: Program, schedule: Schedule, loopFrom: number): RoundSighting {
  const executor = new Executor(program);
  const { steps, choices } = schedule;
  const movers = [...new Set(steps.slice(loopFrom))].sort((left, right) => left - right);
  const nodes = new Set<number>();
  let answered = 0;
  let starved: readonly number[] = [];
  for (const [place, actor] of steps.entries()) {
    if (place === loopFrom) {
      starved = program.actors.flatMap(({ daemon }, who) => (!daemon && executor.nodeOf(who) !== DONE ? [who] : []));
      for (const who of starved) if (!movers.includes(who)) nodes.add(executor.nodeOf(who));
    }
    const choice = executor.choicesOf(actor) === 0 ? 0 : choices[answered++];
    const flags = executor.step(actor, choice);
    const goesBack = place >= loopFrom && (flags & StepFlag.Again) !== 0;
    if (goesBack && starved.includes(actor)) nodes.add(executor.nodeOf(actor));
  }
  const actors = { kind: 'starvation', starved, movers } as const;
  return {
    signature: roundSignature(program.automaton, 'starvation', nodes),
    violation: roundViolation(program, actors),
    ...{ schedule, loopFrom },
  };
}
