/**
 * Shrinking a livelock: from a long run that cannot end any more to the smallest run into its round, and once round.
 *
 * The round is the one of the run as it was found: states are known, so the smallest run into one of them is searched
 * exactly; where the program is too large for that, the run is cut off where it comes into the round, and every detour
 * that leads back to a state of its own is left out. Calls are all kept: a round is one whoever else there is. Used by the
 * engine.
 */

import type { Program } from '../core/program/program.js';
import { Executor } from '../core/run/executor.js';
import { Outlook } from '../core/run/outlook.js';
import { StateSet } from '../core/run/state-set.js';
import type { Schedule } from '../core/schedule.js';
import { allCalls } from '../core/story/kept-calls.js';
import { shortestSchedule } from './shortest-schedule.js';
import { SHRINK_LIMITS, type Shrunk } from './shrink.js';
import { type Step, scheduleOf, stepsOf } from './step-list.js';

/** A livelock's smallest schedule. */
export interface ShrunkRound extends Shrunk {
  /** The step from which it goes round. */
  readonly loopFrom: number;
}

/** Shrinks a schedule that comes to a round, from its step `loopFrom` on, which nothing leads out of. */
export function shrinkRound(
  program: Program,
  schedule: Schedule,
  loopFrom: number,
  limits: Pick<typeof SHRINK_LIMITS, 'states'> = SHRINK_LIMITS,
): ShrunkRound {
  const executor = new Executor(program);
  const outlook = new Outlook(program);
  const all = stepsOf(executor, schedule);
  run(executor, all.slice(0, loopFrom));
  const livelock = outlook.of(executor);
  if (livelock.kind !== 'livelock') throw new Error('the schedule of a livelock does not come to one');
  const goals = { shows: () => false, isStuck: () => false, isReached: livelock.isIn };
  executor.reset();
  const shortest = livelock.isIn(executor) ? [] : shortestSchedule(executor, goals, limits.states).steps;
  const way = shortest ?? withoutDetours(executor, all.slice(0, loopFrom), livelock.isIn);
  run(executor, way);
  const again = outlook.of(executor);
  if (again.kind !== 'livelock') throw new Error('the shrunk schedule of a livelock does not come to it');
  const once = again.once.map((move) => ({ ...move, call: 0 }));
  return {
    kept: allCalls(program.actors),
    schedule: scheduleOf([...way, ...once]),
    minimal: shortest !== undefined,
    loopFrom: way.length,
  };
}

function run(executor: Executor, steps: readonly Step[]): void {
  executor.reset();
  for (const { actor, choice } of steps) executor.step(actor, Math.max(0, choice));
}

/** The steps up to the first state that is wanted, without those between two visits of one state. */
function withoutDetours(
  executor: Executor,
  steps: readonly Step[],
  isWanted: (executor: Executor) => boolean,
): readonly Step[] {
  const states = new StateSet(executor.results);
  const kept: Step[] = [];
  executor.reset();
  /** The states between the steps that are kept, and where each is among them. */
  const path = [states.add(executor.state)];
  const places = new Map([[path[0], 0]]);
  for (const step of steps) {
    if (isWanted(executor)) break;
    executor.step(step.actor, Math.max(0, step.choice));
    const number = states.add(executor.state);
    const before = places.get(number);
    if (before !== undefined) {
      for (const left of path.splice(before + 1)) places.delete(left);
      kept.length = before;
    } else {
      kept.push(step);
      places.set(number, path.push(number) - 1);
    }
  }
  return kept;
}
