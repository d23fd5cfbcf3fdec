/**
 * The engine in a page: guest_memfd under its built-in schemes, run by the executor of the other engines. A script of its
 * own, which only pages carry on which steps can be tried.
 */

import type { Program } from '../core/program/program.js';
import { Executor } from '../core/run/executor.js';
import { keepCalls } from '../core/story/kept-calls.js';
import { traceOf } from '../core/story/trace.js';
import { buildGmem, registersOfGmem } from '../gmem/build-gmem.js';
import { namedScheme } from '../gmem/named-scheme.js';
import type { Scenario } from '../gmem/scenarios/scenario.js';
import { ModelBuilder } from '../model/model-builder.js';
import { encodeToken } from '../report/token.js';
import { traceDocument } from '../report/trace-document.js';
import type { TriedRun, TriedSchedule, TryData, TryEngine } from '../trace/page-data.js';

const engine: TryEngine = {
  async start(data) {
    const program = programOf(data);
    return (schedule) => tried(program, data, schedule);
  },
};

(globalThis as { faultlineTry?: TryEngine }).faultlineTry = engine;

function programOf({ scenario: plain, scheme }: TryData): Program {
  // What a page holds is what the command line made of a scenario.
  const scenario = plain as Scenario;
  const builder = new ModelBuilder('guest_memfd', registersOfGmem(scenario));
  buildGmem(builder, scenario, namedScheme(scheme), true);
  builder.close();
  return { ...builder.program(undefined, false), repeatable: true };
}

function tried(program: Program, { kept, token: about, scheme }: TryData, schedule: TriedSchedule): TriedRun {
  const actors = keepCalls(program.actors, kept);
  const trace = traceOf(program, actors, schedule);
  const { stepHashes, opsHash } = trace;
  const token = encodeToken({ ...about, kept, schedule, stepHashes, opsHash });
  const document = traceDocument(trace, { source: { scenario: about.scenario, scheme, token } });
  return { trace: document, next: trace.violation === undefined ? nextSteps(program, actors, schedule) : [], token };
}

/** Who can take a step behind a schedule. */
function nextSteps(program: Program, actors: Program['actors'], { steps, choices }: TriedSchedule): TriedRun['next'] {
  const executor = new Executor(program, actors);
  let answered = 0;
  for (const actor of steps) executor.step(actor, executor.choicesOf(actor) > 0 ? choices[answered++] : 0);
  return actors.flatMap((_, actor) => (executor.canRun(actor) ? [{ actor, outcomes: executor.choicesOf(actor) }] : []));
}
