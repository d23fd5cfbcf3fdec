/**
 * From a run that cannot end any more to the sighting of a livelock: its schedule, with the way into a round and once
 * round. Used by the shards and by exhaust.
 */

import type { Program } from '../core/program/program.js';
import type { LivelockAhead } from '../core/run/outlook.js';
import type { Schedule } from '../core/schedule.js';
import { roundSignature, roundViolation } from '../core/story/round.js';
import type { Sighting } from './shard.js';

/** The sighting of what is ahead of a run after its last step; `foundAt` is the number of the run. */
export function livelockSighting(
  program: Program,
  ahead: LivelockAhead,
  { steps, choices }: Schedule,
  foundAt: number,
): Sighting {
  const moves = [...ahead.way, ...ahead.once];
  return {
    signature: roundSignature(program.automaton, 'livelock', ahead.nodes),
    violation: roundViolation(program, ahead),
    foundAt,
    schedule: {
      steps: [...steps, ...moves.map(({ actor }) => actor)],
      choices: [...choices, ...moves.flatMap(({ choice }) => (choice < 0 ? [] : [choice]))],
    },
    loopFrom: steps.length + ahead.way.length,
  };
}
