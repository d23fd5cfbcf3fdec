/**
 * Lassos: runs that come back to a state of their own, and may go round from there for ever. Used by the stream.
 */

import { DONE } from '../../core/automaton/automaton.js';
import type { Executor } from '../../core/run/executor.js';
import type { Paths } from './paths.js';

/**
 * Whether the last steps of the run that was begun last, from its step `from` on, may go round for ever although every actor
 * gets its turns: somebody is left who must finish, nobody could take a step here that took none, and nothing was left to
 * the environment.
 *
 * @param executor in the state that the run was in before these steps, and is in now
 */
export function mayGoRound(executor: Executor, paths: Paths, from: number, to: number): boolean {
  if (executor.complete) return false;
  const moved = new Uint8Array(executor.actors);
  for (let step = from; step < to; step++) {
    if (paths.choseAt(step)) return false;
    moved[paths.actorAt(step)] = 1;
  }
  for (let actor = 0; actor < executor.actors; actor++) {
    if (moved[actor] === 1) continue;
    if (executor.canRun(actor) || isServedInTurn(executor, actor)) return false;
  }
  return true;
}

/** Whether an actor waits for what the model says is handed out fairly: then it does not wait for ever. */
function isServedInTurn(executor: Executor, actor: number): boolean {
  const node = executor.nodeOf(actor);
  return node !== DONE && executor.automaton.info(node).op?.spec.lock?.fair === true;
}
