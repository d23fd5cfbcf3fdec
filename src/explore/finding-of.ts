/**
 * From a violation that was seen to the finding that is reported. Used by the engine.
 */

import type { Finding } from '../core/finding.js';
import type { WorkGuard } from '../core/guard.js';
import type { Program } from '../core/program/program.js';
import { shortHash } from '../core/short-hash.js';
import { allCalls, keepCalls } from '../core/story/kept-calls.js';
import { roundWords } from '../core/story/round-words.js';
import { signatureText, signatureTitle } from '../core/story/signature.js';
import { type Trace, traceOf } from '../core/story/trace.js';
import type { Model } from '../model/model.js';
import type { Sighting } from './outcomes.js';
import { SHRINK_LIMITS, type Shrunk, shrink } from './shrink.js';
import { shrinkRound } from './shrink-round.js';
import { sizeOf } from './step-list.js';

/** Makes a finding of a sighting, with the smallest schedule that the guard gives time for; as it is without one. */
export function findingOf(
  model: Model,
  program: Program,
  sighting: Sighting,
  guard: WorkGuard | undefined,
  titleOf: ((trace: Trace) => string | undefined) | undefined,
): Finding {
  const { signature, violation, foundAt, schedule, strategy } = sighting;
  const smallest = smallestOf(program, sighting, guard);
  const { loopFrom } = smallest;
  const trace = traceOf(program, keepCalls(program.actors, smallest.kept), smallest.schedule);
  const text = signatureText(signature);
  const { words, rule } = trace.violation ?? violation;
  return {
    id: findingId(model, text),
    kind: signature.kind,
    signature: text,
    // A title is made of what a run ends with, and a round has no end.
    title: (loopFrom === undefined ? titleOf?.(trace) : undefined) ?? signatureTitle(text),
    ...{ words: loopFrom === undefined ? words : roundWords(trace, loopFrom, words), rule },
    schedule: smallest.schedule,
    kept: smallest.kept,
    ...sizeOfSchedule(smallest.schedule.steps),
    minimal: smallest.minimal,
    foundAt,
    ...(strategy === undefined ? {} : { strategy }),
    history: sizeOfSchedule(schedule.steps),
    ...(loopFrom === undefined ? {} : { loopFrom }),
    opsHash: trace.opsHash,
  };
}

function smallestOf(
  program: Program,
  { signature, schedule, loopFrom }: Sighting,
  guard: WorkGuard | undefined,
): Shrunk & { readonly loopFrom?: number } {
  const whole = { kept: allCalls(program.actors), schedule, minimal: false };
  if (guard === undefined) return loopFrom === undefined ? whole : { ...whole, loopFrom };
  if (loopFrom === undefined) return shrink(program, signature, schedule, SHRINK_LIMITS, guard);
  // Of a starvation the run itself is the proof: one without detours would have to be fair once more.
  if (signature.kind !== 'livelock') return { ...whole, loopFrom };
  return shrinkRound(program, schedule, loopFrom);
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
