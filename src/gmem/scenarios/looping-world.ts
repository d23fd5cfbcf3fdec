/**
 * Looping worlds: a scenario as a live run takes it, whose actors go through their calls over and over.
 *
 * The order that `after` keeps is that of single calls; a loop has none. Behind the launch gate the launch is over before
 * a vCPU runs, so populate does not come round again: KVM refuses it from then on. Used by the verbs that run live.
 */

import type { Scenario, ScenarioActor } from './scenario.js';

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
  let left = 0;
  const actors = scenario.actors.flatMap((actor): ScenarioActor[] => {
    const calls = actor.calls.filter(({ spec }) => !launched || spec.call !== 'populate').map(({ spec }) => ({ spec }));
    left += actor.calls.length - calls.length;
    return calls.length === 0 ? [] : [{ ...actor, calls }];
  });
  if (left > 0) {
    notes.push(
      `The launch gate is on, and vCPUs loop: ${left} populate ${left === 1 ? 'call is' : 'calls are'} left out.`,
    );
  }
  const ordered = scenario.actors.some(({ calls }) => calls.some(({ after = [] }) => after.length > 0));
  if (ordered) notes.push('The scenario orders calls of different actors; actors that loop keep no such order.');
  const changed = left > 0 || ordered || launched;
  return { scenario: changed ? { ...scenario, gate: false, actors } : scenario, notes };
}
