/**
 * Looping worlds: a scenario as a live run takes it, whose actors go through their calls over and over.
 *
 * The order that `after` keeps is that of single calls; a loop has none. Behind the launch gate the launch is over before
 * a vCPU runs, so populate does not come round again: KVM refuses it from then on. Used by the verbs that run live.
 */

import { type CallName, callKindOf } from '../calls/registry.js';
import type { Scenario, ScenarioActor, ScenarioCall } from './scenario.js';

/** A scenario for loops, and what it leaves out of the one it was made from. */
export interface LoopingWorld {
  readonly scenario: Scenario;
  /** Sentences for the report; empty when nothing was left out. */
  readonly notes: readonly string[];
}

/** The scenario without what only calls that are made once can keep. */
export function loopingWorld(scenario: Scenario): LoopingWorld {
  const notes: string[] = [];
  const launched = scenario.gate && scenario.actors.some(({ kind }) => kind === 'vcpu');
  const left: CallName[] = [];
  const actors = scenario.actors.flatMap((actor): ScenarioActor[] => {
    const isOver = ({ spec }: ScenarioCall) => launched && callKindOf(spec.call).launches === true;
    left.push(...actor.calls.filter(isOver).map(({ spec }) => spec.call));
    const calls = actor.calls.filter((call) => !isOver(call)).map(({ spec }) => ({ spec }));
    return calls.length === 0 ? [] : [{ ...actor, calls }];
  });
  if (left.length > 0) {
    const calls = `${[...new Set(left)].join(' and ')} ${left.length === 1 ? 'call is' : 'calls are'}`;
    notes.push(`The launch gate is on, and vCPUs loop: ${left.length} ${calls} left out.`);
  }
  const ordered = scenario.actors.some(({ calls }) => calls.some(({ after = [] }) => after.length > 0));
  if (ordered) notes.push('The scenario orders calls of different actors; actors that loop keep no such order.');
  const changed = left.length > 0 || ordered || launched;
  return { scenario: changed ? { ...scenario, gate: false, actors } : scenario, notes };
}
