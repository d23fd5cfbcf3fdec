/**
 * Trace: one run of a program step by step, in the words a person reads.
 *
 * `traceOf` follows a schedule once more with an observer. Everything reports print comes from here: text and result
 * of each step, the function it lies in, what it touched, the locks held, what broke, who conflicts with whom.
 * Imported by reports and by engines that name their findings.
 */

import type { Left } from '../automaton/automaton.js';
import type { Program, ProgramActor } from '../program/program.js';
import type { Violation } from '../run/checks.js';
import { Executor } from '../run/executor.js';
import { isAtEnd } from '../run/outlook.js';
import { StuckActors } from '../run/stuck.js';
import type { Schedule } from '../schedule.js';
import { bystandersOf, type Told } from './bystanders.js';
import { type Conflict, conflictOf } from './conflict.js';
import { type Deadlock, deadlockOf, type Waiter, waitersOf } from './deadlock.js';
import type { HeldLock } from './held-locks.js';
import type { TraceFrame } from './open-frames.js';
import { spinSentences, spinsOf } from './spins.js';
import type { Touch } from './touched.js';
import { TraceRecorder } from './trace-recorder.js';

/** One op as it was executed. */
export interface TraceOp {
  /** The functions it lies in, outermost first. */
  readonly frames: readonly TraceFrame[];
  /** Code-like: `i_pages[0]`, `folio_test_uptodate()`. */
  readonly text: string;
  /** What it answered: `folio 1`, `false`; undefined when the routine learned nothing from it. */
  readonly result: string | undefined;
  /** Name of the cell it is on; undefined when it is on none, or on several. */
  readonly word: string | undefined;
  /** The cell's class, which is the name of its region. */
  readonly cell: string | undefined;
  readonly touches: readonly Touch[];
  /** The identities it is about: `folio 1`, `gfn 0`. */
  readonly identities: readonly string[];
  /** For an op on a lock: which lock, and what it does to it. */
  readonly lock:
    | { readonly word: number; readonly action: string; readonly roles: readonly string[] | undefined }
    | undefined;
}

/** One step: one op, or a whole atomic section. */
export interface TraceStep {
  readonly actor: number;
  /** Position of the call in the actor's script. */
  readonly call: number;
  readonly callName: string;
  /** The functions it lies in, outermost first; empty when the model names none. */
  readonly frames: readonly TraceFrame[];
  /** The op's text, or the name of the atomic section. */
  readonly text: string;
  /** Whether it is an atomic section. */
  readonly section: boolean;
  /** The op's result, or what the atomic section returned. */
  readonly result: string | undefined;
  /** The ops of an atomic section in order; for any other step the op itself. */
  readonly ops: readonly TraceOp[];
  /** Whether the environment decided something in it. */
  readonly decides: boolean;
  /** Whether it went back to the head of a retry loop. */
  readonly again: boolean;
  /** The functions that it left and that tell what they returned, innermost first. */
  readonly left: readonly Left[];
  /** What the call did in it that nobody can undo, where it is the first of that. */
  readonly effect: string | undefined;
  /** Whether the call ended with it. */
  readonly endsCall: boolean;
  /** Locks the actor holds after it, in the order in which it took them. */
  readonly held: readonly HeldLock[];
  /** What broke in it. */
  readonly violation: Violation | undefined;
}

/** A run in words. */
export interface Trace {
  readonly program: Program;
  /** The scripts that were run. */
  readonly actors: readonly ProgramActor[];
  /** The schedule that was followed. */
  readonly schedule: Schedule;
  readonly steps: readonly TraceStep[];
  /** What broke: in a step, after the last one (`finally`), or because nobody can go on. */
  readonly violation: Violation | undefined;
  /** The step to blame and the function it conflicts with; undefined when nothing broke or nobody can go on. */
  readonly conflict: Conflict | undefined;
  /** Set when nobody can go on although not everybody has finished, or somebody who must finish is stuck whoever goes on. */
  readonly deadlock: Deadlock | undefined;
  /** Whether what broke did not hold in the initial state, before any step. */
  readonly initially: boolean;
  /** Who cannot go on after the last step; whether others can or not. */
  readonly blocked: Deadlock;
  /** Who is at an op that may have to wait, after the last step; whether it does now or not. */
  readonly mayWait: readonly Waiter[];
  /** Per actor, the locks it holds after the last step. */
  readonly held: readonly (readonly HeldLock[])[];
  /** Actors, ascending, that take steps on which the end of the run does not depend (bystanders.ts). */
  readonly bystanders: readonly number[];
  /** Running hash of the executed ops (opcode, region, position): 8 hex digits. */
  readonly opsHash: string;
  /** The same hash after each step, folded to 16 bits. */
  readonly stepHashes: readonly number[];
  /** Why the schedule could not be followed to its end; undefined when it was. */
  readonly cutShort: string | undefined;
}

/**
 * Runs `schedule` with `actors` (the program's own, or those with the kept calls) and writes down what happens. A
 * schedule that the program cannot follow gives the trace up to there, and `cutShort`.
 */
export function traceOf(program: Program, actors: readonly ProgramActor[], schedule: Schedule): Trace {
  const told = tell(program, actors, schedule);
  return { ...told, bystanders: bystandersOf(told, tell) };
}

function tell(program: Program, actors: readonly ProgramActor[], schedule: Schedule): Told {
  const executor = new Executor(program, actors);
  const recorder = new TraceRecorder(executor);
  const initial = executor.checkInitially();
  const cutShort =
    initial === undefined ? follow(executor, recorder, schedule) : afterInitial(initial, schedule.steps.length);
  const { steps, opsHash, stepHashes } = recorder;
  // A run ends with what its last step broke, whoever could go on from there.
  const ended = cutShort === undefined && executor.violation === undefined && isAtEnd(executor);
  const waits = deadlockOf(
    executor,
    (actor) => recorder.pendingFrames(actor),
    (actor) => recorder.heldBy(actor),
  );
  const inVain = cutShort === undefined && executor.violation === undefined && new StuckActors(executor).deadlocked;
  const isStuck = inVain || (ended && !executor.complete);
  const held = actors.map((_, actor) => recorder.heldBy(actor));
  const stuck = { program, actors, schedule, steps, held, blocked: waits };
  const spins = isStuck ? spinsOf(stuck) : [];
  const cycle = waits.cycle.length > 0 ? waits.cycle : (spins.find(({ ring }) => ring.length > 0)?.ring ?? []);
  const blocked = { ...waits, cycle };
  const deadlock = isStuck ? blocked : undefined;
  const broken = deadlock
    ? deadlocked(deadlock, actors, spinSentences(stuck, spins))
    : (executor.violation ?? finished(executor, ended));
  return {
    ...{ program, actors, schedule, steps, cutShort, deadlock, blocked, opsHash, stepHashes },
    initially: initial !== undefined,
    mayWait: waitersOf(executor, (actor) => recorder.pendingFrames(actor)),
    violation: broken,
    conflict: broken && !deadlock ? conflictOf(program, steps, broken) : undefined,
    held,
  };
}

function afterInitial({ kind }: Violation, steps: number): string | undefined {
  return steps > 0 ? `there is ${kind} in the initial state, and ${steps} steps come after it` : undefined;
}

function follow(executor: Executor, recorder: TraceRecorder, schedule: Schedule): string | undefined {
  let answered = 0;
  for (const [position, actor] of schedule.steps.entries()) {
    const name = executor.actors > actor ? executor.scriptOf(actor).name : `actor ${actor}`;
    if (actor >= executor.actors || !executor.canRun(actor)) return `${name} cannot take step ${position + 1}`;
    const outcomes = executor.choicesOf(actor);
    const choice = outcomes > 0 ? schedule.choices[answered++] : 0;
    if (choice === undefined) return `there is no answer to the choice of ${name} in step ${position + 1}`;
    if (outcomes > 0 && choice >= outcomes) {
      return `the choice of ${name} in step ${position + 1} has ${outcomes} outcomes, not number ${choice}`;
    }
    recorder.step(actor, choice);
  }
  const unused = schedule.choices.length - answered;
  return unused > 0 ? `the schedule answers ${unused} more choices than its steps make` : undefined;
}

function finished(executor: Executor, ended: boolean): Violation | undefined {
  return ended && executor.complete ? executor.checkFinally() : undefined;
}

function deadlocked(
  { waiters, core, othersRun }: Deadlock,
  actors: readonly ProgramActor[],
  spins: readonly string[],
): Violation {
  const waits = core.flatMap((member) =>
    waiters
      .filter(({ actor }) => actor === member)
      .map(({ text, lock }) => `${actors[member].name} ${lock ? `waits for ${lock.name}` : `is stuck at "${text}"`}`),
  );
  const end = !othersRun
    ? 'nobody can go on'
    : waits.length > 1
      ? 'none of them can go on, whatever the others do'
      : 'it cannot go on, whatever the others do';
  return {
    kind: 'deadlock',
    words: [`${waits.join(', ')}: ${end}`, ...spins].join('. '),
    rule: 'every actor finishes',
  };
}
