/**
 * `--vcpus N`: the same scenario with another number of vCPUs. Imported by the verbs that run live.
 *
 * Host actors stay. The scenario's vCPUs are copied in turn, or the last ones left out; actors behind them move, so
 * what waits for an actor's calls is rewritten.
 */

import { inputProblem, notAllowed, wholeFrom } from '../../core/input-sentence.js';
import { type Scenario, type ScenarioActor, type StartsAfter, scenarioBounds } from './scenario.js';

/** An actor of the new scenario, and the index of the one it is, or is a copy of. */
interface Placed {
  readonly actor: ScenarioActor;
  readonly origin: number;
}

/**
 * Returns the scenario with `count` vCPUs; the scenario itself when it has as many. A copy makes its vCPU's calls; what
 * waited for calls of a vCPU waits for those of its copies too, and what waited for calls of one that is left out waits
 * for what these had to wait for.
 *
 * @throws InputError when the scenario has no vCPU, or with its host actors would have more actors than is allowed.
 */
export function withVcpus(scenario: Scenario, count: number): Scenario {
  const vcpus = scenario.actors.flatMap(({ kind }, index) => (kind === 'vcpu' ? [index] : []));
  const where = `--vcpus ${count}`;
  if (vcpus.length === 0) throw inputProblem(where, `${scenario.name} has no vCPU that could be copied`);
  const most = scenarioBounds.liveActors - (scenario.actors.length - vcpus.length);
  if (!Number.isInteger(count) || count < 1 || count > most) {
    throw inputProblem(where, notAllowed('vcpus', count, `${wholeFrom(1, most)} in ${scenario.name}`));
  }
  if (count === vcpus.length) return scenario;
  const placed = placedActors(scenario, vcpus, count);
  return {
    ...scenario,
    actors: placed.map(({ actor }, index) => ({
      ...actor,
      calls: actor.calls.map(({ spec }, position) => {
        const after = constraintsOf(scenario, placed, index, position);
        return after.length === 0 ? { spec } : { spec, after };
      }),
    })),
  };
}

/** The actors in their new order: copies stand behind the last vCPU. */
function placedActors({ actors }: Scenario, vcpus: readonly number[], count: number): readonly Placed[] {
  const kept = new Set(vcpus.slice(0, count));
  const taken = new Set(actors.map(({ name }) => name));
  const copies = Array.from({ length: Math.max(0, count - vcpus.length) }, (_, k): Placed => {
    const origin = vcpus[k % vcpus.length];
    return { origin, actor: { ...actors[origin], name: freeName(taken, vcpus.length + k) } };
  });
  return actors.flatMap((actor, index): readonly Placed[] => {
    if (actor.kind !== 'vcpu') return [{ actor, origin: index }];
    if (!kept.has(index)) return [];
    return index === vcpus.at(-1) ? [{ actor, origin: index }, ...copies] : [{ actor, origin: index }];
  });
}

/** `vCPU<n>`, n from `first` on, that nobody has; it is taken then. */
function freeName(taken: Set<string>, first: number): string {
  let number = first;
  while (taken.has(`vCPU${number}`)) number++;
  taken.add(`vCPU${number}`);
  return `vCPU${number}`;
}

/** What a call waits for: of each actor the most calls, by the new indices. */
function constraintsOf(
  { actors }: Scenario,
  placed: readonly Placed[],
  self: number,
  position: number,
): readonly StartsAfter[] {
  const found = new Map<number, number>();
  const visited = new Set<string>();
  const inherit = (other: number, call: number): void => {
    const key = `${other} ${call}`;
    if (visited.has(key)) return;
    visited.add(key);
    for (const { actor: before, calls } of actors[other].calls[call].after ?? []) {
      const there = placed.flatMap(({ origin }, index) => (origin === before ? [index] : []));
      for (const index of there) found.set(index, Math.max(calls, found.get(index) ?? 0));
      // Of the calls of an actor that is left out, each waited also for what the ones before it did.
      if (there.length === 0) for (let earlier = 0; earlier < calls; earlier++) inherit(before, earlier);
    }
  };
  inherit(placed[self].origin, position);
  // Its own earlier calls are done anyway.
  found.delete(self);
  return [...found].map(([actor, calls]) => ({ actor, calls })).sort((one, other) => one.actor - other.actor);
}
