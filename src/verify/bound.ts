/**
 * The bound that a verdict holds under, as data. Used by `verify`.
 */

import type { Program } from '../core/program/program.js';
import type { Model } from '../model/model.js';
import type { VerifyBound } from './verify.js';

/** The bound of a model; `notChecked`: what was not looked for, or not to the end. */
export function boundOf({ name }: Model, { actors, objects }: Program, notChecked: readonly string[]): VerifyBound {
  return {
    model: name,
    memoryModel: 'sequentially consistent',
    actors: actors.map((actor) => ({ name: actor.name, calls: actor.calls.length, daemon: actor.daemon })),
    objects: objects.map((each) => ({ name: each.name, count: each.count })),
    notChecked,
  };
}
