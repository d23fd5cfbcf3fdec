/**
 * Conflict: the step to blame for a violation, and the function of another actor that it conflicts with.
 * Used by traces; titles of findings print it.
 */

import type { Program } from '../program/program.js';
import type { Violation } from '../run/checks.js';
import { functionOf } from './open-frames.js';
import type { TraceOp, TraceStep } from './trace.js';

/** Who broke it, and against whom. */
export interface Conflict {
  /** Position of the step to blame. */
  readonly step: number;
  /** Whether the violation shows in that step; false for a check of finished runs. */
  readonly shows: boolean;
  /** Function of that step. */
  readonly function: string;
  /** Function of the step it conflicts with; undefined when no other actor touched the same thing before. */
  readonly with: string | undefined;
  /** Position of that step; undefined where there is none. */
  readonly cause: number | undefined;
}

/**
 * Finds the step to blame: the one in which the violation shows, or, for a check of finished runs, the last one that
 * wrote what the check looks at. It conflicts with the latest earlier step of another actor that touched the same word
 * (and wrote it, unless the step to blame writes); else with the latest that wrote another word of the broken check;
 * else with the latest that was about the same object; else with the one that wrote what the blamed actor saw last.
 */
export function conflictOf(program: Program, steps: readonly TraceStep[], violation: Violation): Conflict | undefined {
  const checked = wordsOf(program, violation);
  const shown = steps.findLastIndex((step) => step.violation !== undefined);
  const writer = lastWriter(steps, checked);
  const blamed = shown >= 0 ? shown : writer >= 0 ? writer : steps.length - 1;
  const step = steps[blamed];
  if (step === undefined) return undefined;
  const earlier = steps.slice(0, blamed).filter(({ actor }) => actor !== step.actor);
  const other =
    sameWord(earlier, step, checked) ??
    earlier[lastWriter(earlier, checked)] ??
    sameIdentity(earlier, step) ??
    lastInfluence(steps, blamed);
  return {
    step: blamed,
    shows: shown >= 0,
    function: functionOf(step),
    with: other === undefined ? undefined : functionOf(other),
    cause: other === undefined ? undefined : steps.indexOf(other),
  };
}

/** The words that the broken check looks at; none when it was not a check of the model's. */
function wordsOf(program: Program, { rule }: Violation): ReadonlySet<number> {
  const check = [...program.always, ...program.finally].find(({ name }) => name === rule);
  return new Set(check?.words);
}

function lastWriter(steps: readonly TraceStep[], words: ReadonlySet<number>): number {
  return steps.findLastIndex(({ ops }) =>
    ops.some(({ touches }) => touches.some(({ word, writes }) => writes && words.has(word))),
  );
}

function sameWord(earlier: readonly TraceStep[], step: TraceStep, checked: ReadonlySet<number>): TraceStep | undefined {
  const touched = step.ops.flatMap(({ touches }) => touches);
  const broken = touched.filter(({ word, writes }) => writes && checked.has(word));
  // The op that a machine or a lock refused is the last one of its step.
  const blamed = broken.length > 0 ? broken : lastOf(step).touches;
  return earlier.findLast(({ ops }) =>
    ops.some(({ touches }) =>
      touches.some((other) => blamed.some(({ word, writes }) => word === other.word && (writes || other.writes))),
    ),
  );
}

function sameIdentity(earlier: readonly TraceStep[], step: TraceStep): TraceStep | undefined {
  const { identities } = lastOf(step);
  return earlier.findLast(({ ops }) => ops.some((op) => op.identities.some((each) => identities.includes(each))));
}

/** The other actor's step that wrote what the blamed actor saw last, which led it astray; locks do not count. */
function lastInfluence(steps: readonly TraceStep[], blamed: number): TraceStep | undefined {
  const { actor } = steps[blamed];
  for (let own = blamed; own >= 0; own--) {
    if (steps[own].actor !== actor) continue;
    const ops = steps[own].ops.filter(({ lock }) => lock === undefined);
    const words = new Set(ops.flatMap(({ touches }) => touches.map(({ word }) => word)));
    const writer = steps[lastWriter(steps.slice(0, own), words)];
    if (writer !== undefined && writer.actor !== actor) return writer;
  }
  return undefined;
}

function lastOf({ ops }: TraceStep): TraceOp {
  return ops[ops.length - 1];
}
