/**
 * From a violation that was seen to the finding that is reported. Used by the engine.
 */

import type { Finding } from '../core/finding.js';
import type { WorkGuard } from '../core/guard.js';
import type { Program } from '../core/program/program.js';
import { shortHash } from '../core/short-hash.js';
import { allCalls, keepCalls } from '../core/story/kept-calls.js';
import { signatureText } from '../core/story/signature.js';
import { type Trace, traceOf } from '../core/story/trace.js';
import type { Model } from '../model/model.js';
import type { Sighting } from './shard.js';
import { SHRINK_LIMITS, type Shrunk, shrink } from './shrink.js';
import { sizeOf } from './step-list.js';

/** Makes a finding of a sighting, with the smallest schedule that the guard gives time for; as it is without one. */
export function findingOf(
  model: Model,
  program: Program,
  { signature, violation, foundAt, schedule }: Sighting,
  guard: WorkGuard | undefined,
  titleOf: ((trace: Trace) => string | undefined) | undefined,
): Finding {
  const smallest: Shrunk = guard
    ? shrink(program, signature, schedule, SHRINK_LIMITS, guard)
    : { kept: allCalls(program.actors), schedule, minimal: false };
  const trace = traceOf(program, keepCalls(program.actors, smallest.kept), smallest.schedule);
  const text = signatureText(signature);
  const { words, rule } = trace.violation ?? violation;
  return {
    id: findingId(model, text),
    kind: signature.kind,
    signature: text,
    title: titleOf?.(trace) ?? `BUG: faultline: ${text}`,
    ...{ words, rule },
    schedule: smallest.schedule,
    kept: smallest.kept,
    ...sizeOfSchedule(smallest.schedule.steps),
    minimal: smallest.minimal,
    foundAt,
    history: sizeOfSchedule(schedule.steps),
    opsHash: trace.opsHash,
  };
}

/** Id of the finding with that signature (as text) in a model: 8 hex digits. */
export function findingId(model: Model, signature: string): string {
  return shortHash(signature, model.name, parametersText(model));
}

function sizeOfSchedule(actors: readonly number[]): { steps: number; contextSwitches: number } {
  const { steps, contextSwitches } = sizeOf(actors.map((actor) => ({ actor, choice: -1, call: 0 })));
  return { steps, contextSwitches };
}

/** The parameters in an order of their own, so that the id does not depend on who set them first. */
function parametersText({ parameters }: Model): string {
  return JSON.stringify(Object.entries(parameters).sort(([left], [right]) => (left < right ? -1 : 1)));
}
