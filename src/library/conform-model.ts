/**
 * Conform for users of the library: a log that a real program wrote, held against a model of that program. Imported by the
 * library's entry.
 */

import { type ConformOptions, conform, type Reason } from '../conform/conform.js';
import type { Observation, ObservedEvent } from '../conform/observed.js';
import { InputError } from '../core/errors.js';
import { unguarded } from '../core/guard.js';
import { unknownName } from '../core/input-sentence.js';
import { refuseUnknownOptions } from '../core/known-options.js';
import type { Program } from '../core/program/program.js';
import { compileUnder, type Model, modelGiven } from '../model/model.js';

/** A model as whoever reads logs of it needs it. */
export interface ModelToObserve {
  readonly program: Program;
  /** Position of an actor. Throws InputError for a name that none has. */
  actor(name: string): number;
  /** The word of a cell, or of one of an array, for `Look.word`. Throws InputError for one that there is not. */
  word(cell: string, index?: number): number;
}

/** What came of holding a log against a model. */
export interface ConformResult {
  /** `undecided`: more states than are kept, or stopped. */
  readonly verdict: 'explained' | 'refused' | 'undecided';
  /** Events of the log, and how many of them, in order, have an execution. */
  readonly events: number;
  readonly explained: number;
  /** The event that no execution explains. */
  readonly event: ObservedEvent | undefined;
  /** What stands in its way, and in how many states. */
  readonly reasons: readonly Reason[];
  /** States before that event, or at the end; and over all events. */
  readonly states: { readonly now: number; readonly average: number; readonly most: number };
  readonly because: 'states' | 'stopped' | undefined;
}

const NAMES = Object.keys({ clockError: 1, maxStates: 1, goOn: 1 } satisfies Record<keyof ConformOptions, 1>);

/**
 * Says whether some execution of a model explains every event of a log: passes the marks that the log shows (`enter`,
 * `leave`, `tracepoint`), each task in its own order and all in the order of their times, with the values that were logged.
 *
 * @param observe makes events of the log's lines, with the model at hand
 * @throws InputError for options that are not allowed, and for events of no actor or out of order; ModelError when the model
 * breaks a rule of modelling
 */
export async function conformModel(
  model: Model,
  observe: (model: ModelToObserve) => Observation,
  options: ConformOptions = {},
): Promise<ConformResult> {
  refuseUnknownOptions('conform()', options, NAMES);
  const program = await compileUnder(modelGiven(model), unguarded, { notesCrossings: true });
  const observation = observe(toObserve(program));
  checkEvents(program, observation.events);
  const result = conform(program, observation, options);
  const { verdict, explained, event, reasons, before, mostStates, sumOfStates, because } = result;
  const average = explained === 0 ? before.length : sumOfStates / explained;
  return {
    ...{ verdict, events: observation.events.length, explained, event, reasons, because },
    states: { now: before.length, average, most: mostStates },
  };
}

function toObserve(program: Program): ModelToObserve {
  const { actors, layout } = program;
  return {
    program,
    actor(name) {
      const found = actors.findIndex((actor) => actor.name === name);
      if (found >= 0) return found;
      const names = actors.map((actor) => actor.name);
      throw new InputError(`faultline: conform(): ${unknownName('actor', name, names)}`);
    },
    word(cell, index = 0) {
      const region = layout.regions.find(({ name, isPlane }) => name === cell && !isPlane);
      if (region !== undefined && index >= 0 && index < region.count) return region.base + index;
      const names = layout.regions.filter(({ kind }) => kind === 'cell' || kind === 'ghost').map(({ name }) => name);
      const named = region === undefined ? cell : `${cell}[${index}]`;
      throw new InputError(`faultline: conform(): ${unknownName('cell', named, names)}`);
    },
  };
}

/** The engine takes for granted what a log may get wrong. */
function checkEvents({ actors }: Program, events: readonly ObservedEvent[]): void {
  let before = Number.NEGATIVE_INFINITY;
  for (const { actor, time, line } of events) {
    if (actors[actor] === undefined) {
      throw new InputError(
        `faultline: conform(): the event of line ${line} is of actor ${actor}; allowed: 0 to ${actors.length - 1}.`,
      );
    }
    if (!Number.isSafeInteger(time) || time < before) {
      throw new InputError(
        `faultline: conform(): the event of line ${line} has the time ${time}; allowed: whole numbers that do not fall from one event to the next.`,
      );
    }
    before = time;
  }
}
