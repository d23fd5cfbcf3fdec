/**
 * Spins: tasks that hold a lock until a cell changes, while whoever would change it waits for that lock. No order of locks
 * shows that, since one of the two waits is for no lock: a conversion that spins until nobody but itself holds a folio, and
 * a fault that holds the folio and waits for the lock of the conversion.
 *
 * Who would change the cell is tried: from the state in which a run is stuck, or goes round, the others go on as if the
 * task had given its locks up. Whoever then changes the cell for good is whom it waits for. So what a routine might write is
 * not guessed at, and refs lead where they lead. Used by traces and by whoever says what a round is.
 */

import { programApart } from '../program/apart.js';
import { bitOfActor, type Program, type ProgramActor, planeOfActor } from '../program/program.js';
import { Executor } from '../run/executor.js';
import { StepFlag } from '../run/step-flag.js';
import type { Schedule } from '../schedule.js';
import type { Waiter } from './deadlock.js';
import type { HeldLock } from './held-locks.js';
import { heldText } from './operand-text.js';
import type { TraceStep } from './trace.js';

/** Turns of each of the others, steps of a turn, and answers to choices that are tried. */
const TURNS = 8;
const STEPS = 64;
const ANSWERS = 2;
/** So many cells are named. */
const MOST_NAMED = 3;

/** A task that holds locks until a cell changes. */
export interface Spin {
  readonly actor: number;
  /** What it looks at, and what that holds: `folio_refs, now 2,`. */
  readonly cells: readonly string[];
  /** The locks that it holds all the while. */
  readonly locks: readonly HeldLock[];
  /**
   * The ring that keeps it waiting: itself, whoever would change a cell, and so on, each waiting for the next and the last for
   * a lock of the first. Empty where there is none.
   */
  readonly ring: readonly number[];
  /** Whether it goes round and looks again and again, and does not wait. */
  readonly polls: boolean;
}

/** A run that is stuck, or goes round from a step on. */
export interface StuckRun {
  readonly program: Program;
  readonly actors: readonly ProgramActor[];
  readonly schedule: Schedule;
  readonly steps: readonly TraceStep[];
  readonly held: readonly (readonly HeldLock[])[];
  readonly blocked: { readonly waiters: readonly Waiter[] };
}

interface Spinner {
  readonly actor: number;
  readonly words: readonly number[];
  readonly locks: readonly HeldLock[];
  readonly polls: boolean;
}

/** The spins at the end of a run that is stuck; of one that goes round from its step `loopFrom` on those in the round too. */
export function spinsOf(run: StuckRun, loopFrom?: number): readonly Spin[] {
  const { waiters } = run.blocked;
  const waiting = waiters.map(({ actor, cells }) => ({ actor, words: cells, locks: run.held[actor], polls: false }));
  const all: readonly Spinner[] = [...waiting, ...(loopFrom === undefined ? [] : pollersOf(run, loopFrom))];
  return all
    .filter(({ words, locks }) => words.length > 0 && locks.length > 0)
    .map((spinner) => {
      const { actor, locks, polls } = spinner;
      return { actor, locks, polls, ring: ringOf(run, spinner), cells: cellsText(run, spinner) };
    });
}

/** What is said of the spins that are a part of a ring: sentences, without the last full stop. */
export function spinSentences({ actors, blocked }: StuckRun, spins: readonly Spin[]): readonly string[] {
  return spins
    .filter(({ ring }) => ring.length > 0)
    .map(({ actor, cells, ring }) => {
      const waits = ring.slice(1).map((member, place) => {
        const lock = blocked.waiters.find((waiter) => waiter.actor === member)?.lock;
        const would = place === 0 ? ', which would change that,' : '';
        return `${actors[member].name}${would} waits for ${lock?.name ?? 'calls of others'}`;
      });
      const wanted = blocked.waiters.find((waiter) => waiter.actor === ring.at(-1))?.lock?.name;
      const holds = wanted === undefined ? 'does not go on' : `holds ${wanted}`;
      return `${actors[actor].name} ${holds} until ${cells.join(' or ')} changes, and ${waits.join(', and ')}`;
    });
}

/** Who goes round and takes no lock in it, by the words that it looks at and that nobody changes meanwhile. */
function pollersOf({ steps }: StuckRun, loopFrom: number): readonly Spinner[] {
  const round = steps.slice(loopFrom);
  const touches = round.flatMap(({ actor, ops }) =>
    ops.flatMap((op) => op.touches.map((touch) => ({ actor, ...touch }))),
  );
  const written = new Set(touches.filter(({ writes }) => writes).map(({ word }) => word));
  return [...new Set(round.map(({ actor }) => actor))].map((actor) => {
    const looked = touches.filter((touch) => touch.actor === actor && !written.has(touch.word));
    const own = round.filter((step) => step.actor === actor);
    const locks = (own.at(-1)?.held ?? []).filter(({ word }) =>
      own.every(({ held }) => held.some((lock) => lock.word === word)),
    );
    return { actor, words: [...new Set(looked.map(({ word }) => word))], locks, polls: true };
  });
}

/** From a spinner to who would change what it looks at, and on to whom that one waits for, up to the spinner again. */
function ringOf(run: StuckRun, spinner: Spinner): readonly number[] {
  const next = new Map(run.blocked.waiters.map(({ actor, blockers }) => [actor, blockers.map((each) => each.actor)]));
  // Nobody waits for it: nothing that it gave up would let anybody go on.
  if (![...next].some(([actor, way]) => actor !== spinner.actor && way.includes(spinner.actor))) return [];
  const writer = wouldChange(run, spinner);
  if (writer === undefined) return [];
  const paths: number[][] = [[writer]];
  const seen = new Set(paths[0]);
  for (const path of paths) {
    for (const actor of next.get(path[path.length - 1]) ?? []) {
      if (actor === spinner.actor) return [actor, ...path];
      if (seen.has(actor)) continue;
      seen.add(actor);
      paths.push([...path, actor]);
    }
  }
  return [];
}

/**
 * Who lets the spinner go on, if it had given its locks up: the last to change what it looks at, before its wait is over, or
 * before the others come to rest and what it polls is another than it was. A task that would take a reference and put it
 * back holds nobody up.
 */
function wouldChange(run: StuckRun, spinner: Spinner): number | undefined {
  const executor = apart(run);
  giveUp(executor, spinner);
  const state = executor.state.slice();
  for (let answer = 0; answer < ANSWERS; answer++) {
    executor.load(state);
    const writer = lastToChange(executor, spinner, answer);
    if (writer !== undefined) return writer;
  }
  return undefined;
}

/** Takes the bits of an actor out of its locks. */
function giveUp({ program, state }: Executor, { actor, locks }: Spinner): void {
  for (const { word } of locks) {
    const region = program.layout.regionOf(word);
    if (region?.kind !== 'latch') continue;
    const first = word + region.planes[planeOfActor(actor)];
    for (let part = 0; part < region.width; part++) state[first + part * region.count] &= ~bitOfActor(actor);
  }
}

/** Lets all others go on by turns; who changed what the spinner looks at, once that lets it go on. */
function lastToChange(
  executor: Executor,
  { actor: spinner, words, polls }: Spinner,
  answer: number,
): number | undefined {
  const { state } = executor;
  const look = (): string => words.map((word) => state[word]).join();
  const begun = look();
  let seen = begun;
  let writer: number | undefined;
  for (let turn = 0; turn < TURNS; turn++) {
    for (let actor = 0; actor < executor.actors; actor++) {
      for (let step = 0; actor !== spinner && step < STEPS && executor.canRun(actor); step++) {
        const outcomes = executor.choicesOf(actor);
        const flags = executor.step(actor, Math.min(answer, Math.max(outcomes - 1, 0)));
        // What comes of a state that no run is in is no finding.
        if ((flags & StepFlag.Violation) !== 0) return undefined;
        const now = look();
        if (now !== seen) writer = actor;
        seen = now;
        if (!polls && executor.canRun(spinner)) return writer;
      }
    }
  }
  return polls && seen !== begun ? writer : undefined;
}

/** An executor in the last state of a run, on which to try how it goes on. */
function apart({ program, actors, schedule: { steps, choices } }: StuckRun): Executor {
  const executor = new Executor(programApart(program, actors));
  let answered = 0;
  for (const actor of steps) executor.step(actor, executor.choicesOf(actor) > 0 ? choices[answered++] : 0);
  return executor;
}

function cellsText(run: StuckRun, { words }: Spinner): readonly string[] {
  const { layout, machines, objects } = run.program;
  const { state } = apart(run);
  const named = words.slice(0, MOST_NAMED).map((word) => {
    const region = layout.regionOf(word);
    const object = objects.find((each) => each.region === region);
    if (region?.kind === 'latch') return layout.nameOf(word);
    const value = object === undefined ? heldText(region, state[word]) : machines[object.machine].describe(state[word]);
    return `${layout.nameOf(word)}, now ${value},`;
  });
  return words.length > MOST_NAMED ? [...named, 'other cells'] : named;
}
