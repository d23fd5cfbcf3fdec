/**
 * The bound that a verdict holds under, as data. Used by `verify`.
 */

import type { Program } from '../core/program/program.js';
import type { Model } from '../model/model.js';
import type { VerifyBound } from './verify.js';

/** The bound of a model; `notChecked`: what was not looked for, or not to the end. */
export function boundOf({ name }: Model, program: Program, notChecked: readonly string[]): VerifyBound {
  const { actors, objects } = program;
  return {
    model: name,
    memoryModel: 'sequentially consistent',
    actors: actors.map((actor) => ({ name: actor.name, calls: actor.calls.length, daemon: actor.daemon })),
    objects: objects.map((each) => ({ name: each.name, count: each.count })),
    fair: fairOf(program),
    notChecked,
  };
}

/** What a model declares fair by itself; parts of primitives, which are so by nature, are not named. */
function fairOf({ automaton }: Program): readonly string[] {
  const names = automaton.infos.flatMap(({ op }) => {
    const { fair, label, lock, region } = op?.spec ?? {};
    if (fair === true) return [`"${label}"`];
    return lock?.fair === true && lock.of === undefined && region !== undefined ? [region.name] : [];
  });
  return [...new Set(names)].sort();
}
