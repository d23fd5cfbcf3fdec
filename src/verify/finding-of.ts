/**
 * From what a search met to the findings that are reported. Used by `verify`.
 *
 * Every schedule is run once more by the executor, which knows nothing of packing, merging and reductions, and must show
 * the same; a finding that does not repeat itself is a defect of this engine and thrown as one.
 */

import { notRepeated } from '../core/errors.js';
import type { Finding } from '../core/finding.js';
import type { Violation } from '../core/run/checks.js';
import { Executor } from '../core/run/executor.js';
import { StepFlag } from '../core/run/step-flag.js';
import type { Schedule } from '../core/schedule.js';
import { shortHash } from '../core/short-hash.js';
import { allCalls } from '../core/story/kept-calls.js';
import { roundWords } from '../core/story/round-words.js';
import { type Signature, signatureText, signatureTitle } from '../core/story/signature.js';
import { type Trace, traceOf } from '../core/story/trace.js';
import type { Model } from '../model/model.js';
import { type LockCycle, lockOrderWords } from './lock-order.js';
import { Retrace } from './retrace.js';
import type { RoundFinding } from './round.js';
import type { Search } from './search.js';
import type { StateSighting } from './sightings.js';

/** A finding of verify. */
export interface VerifyFinding extends Finding {
  /** For lock order: the locks in a ring, each wanted while the one before is held. */
  readonly lockCycle?: LockCycle;
  /** For lock order: whether daemons were stuck in the ring, for which nobody waits. */
  readonly idle?: boolean;
}

/** What findings are made with. */
export interface FindingContext {
  readonly model: Model;
  readonly search: Search;
  /** Writes the title of a finding from its run. */
  readonly titleOf?: ((trace: Trace) => string | undefined) | undefined;
}

/** The finding of a violation that the search met. */
export function violationFinding(context: FindingContext, sighting: StateSighting): VerifyFinding {
  const { search } = context;
  const retrace = new Retrace(search).to(sighting.state);
  if (sighting.actor >= 0) retrace.breakingStep(sighting.violation, sighting.breaking);
  const { schedule } = retrace;
  const trace = traceOf(search.system.program, search.system.program.actors, schedule);
  if (trace.cutShort !== undefined || trace.violation?.kind !== sighting.signature.kind) {
    throw notRepeated(signatureText(sighting.signature));
  }
  return described(context, sighting.signature, trace.violation, schedule, trace);
}

/** The finding of a cycle of locks; its schedule ends where the last of them is wanted. `idle`: daemons were stuck in it. */
export function lockOrderFinding(context: FindingContext, cycle: LockCycle, idle: boolean): VerifyFinding {
  const state = Math.max(...cycle.map((edge) => edge.state));
  const { schedule } = new Retrace(context.search).to(state);
  const locks = cycle.map(({ held }) => held);
  const signature: Signature = {
    kind: 'lock-order',
    cell: '',
    function: [...new Set(cycle.map((edge) => edge.function))].sort().join(' / '),
    op: smallestRotation(locks).join(' -> '),
  };
  const violation: Violation = {
    kind: 'lock-order',
    words: lockOrderWords(cycle, idle),
    rule: 'locks are taken in one order',
  };
  return { ...described(context, signature, violation, schedule), lockCycle: cycle, ...(idle && { idle }) };
}

/** The finding of a round. */
export function roundFinding(context: FindingContext, round: RoundFinding): VerifyFinding {
  const { signature, violation, schedule, loopFrom } = round;
  requireRuns(context.search, schedule);
  const { program } = context.search.system;
  const trace = traceOf(program, program.actors, schedule);
  const words = roundWords(trace, loopFrom, violation.words);
  return { ...described(context, signature, { ...violation, words }, schedule, undefined, trace), loopFrom };
}

function described(
  { model, search, titleOf }: FindingContext,
  signature: Signature,
  { words, rule }: Violation,
  schedule: Schedule,
  trace?: Trace,
  run?: Trace,
): VerifyFinding {
  const { program } = search.system;
  const text = signatureText(signature);
  const size = {
    steps: schedule.steps.length,
    contextSwitches: schedule.steps.filter((actor, step) => step > 0 && schedule.steps[step - 1] !== actor).length,
  };
  const written = trace ?? run ?? traceOf(program, program.actors, schedule);
  return {
    id: shortHash(text, model.name, parametersText(model)),
    kind: signature.kind,
    signature: text,
    title: (trace && titleOf?.(trace)) ?? signatureTitle(text),
    ...{ words, rule, schedule },
    kept: allCalls(program.actors),
    ...size,
    // As short as can be, but perhaps with more context switches than it needs: that is the shrinker's business.
    minimal: false,
    foundAt: 0,
    history: size,
    opsHash: written.opsHash,
  };
}

function requireRuns({ system }: Search, { steps, choices }: Schedule): void {
  const executor = new Executor(system.program);
  let answered = 0;
  for (const actor of steps) {
    const choice = executor.choicesOf(actor) > 0 ? choices[answered++] : 0;
    if (!executor.canRun(actor) || (executor.step(actor, choice) & StepFlag.Violation) !== 0) {
      throw new Error('the schedule of a round does not run');
    }
  }
}

function smallestRotation(names: readonly string[]): readonly string[] {
  const rotations = names.map((_, i) => [...names.slice(i), ...names.slice(0, i)]);
  const smallest = rotations.reduce((left, right) => (right.join() < left.join() ? right : left));
  return [...smallest, smallest[0]];
}

/** The parameters in an order of their own, so that the id does not depend on who set them first. */
function parametersText({ parameters }: Model): string {
  return JSON.stringify(Object.entries(parameters).sort(([left], [right]) => (left < right ? -1 : 1)));
}
