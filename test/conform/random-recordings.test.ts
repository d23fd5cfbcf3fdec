/**
 * What conform says of random recordings of random models, held against plain enumeration: all steps of all actors in every
 * order, nothing put off and nothing put aside. Recordings are true ones, and true ones with something changed.
 */
import { describe, expect, it } from 'vitest';
import { conform } from '../../src/conform/conform.js';
import type { Look, Observation, ObservedEvent } from '../../src/conform/observed.js';
import { StateBag } from '../../src/conform/state-bag.js';
import { Walker } from '../../src/conform/walker.js';
import { unguarded } from '../../src/core/guard.js';
import { type Routine, tracepoint } from '../../src/core/ops/routine.js';
import type { Program } from '../../src/core/program/program.js';
import { Random } from '../../src/core/random.js';
import { compileUnder, defineModel } from '../../src/model/model.js';

const MODELS = 150;

/** A step of a random script. */
type Piece = { readonly kind: 'add' | 'mark' | 'branch'; readonly cell: number } | { readonly kind: 'lock' | 'unlock' };

function scriptOf(random: Random): Piece[] {
  const pieces: Piece[] = [];
  let held = false;
  for (let left = 2 + random.below(5); left > 0; left--) {
    const cell = random.below(2);
    const drawn = random.below(6);
    if (drawn < 2) pieces.push({ kind: 'mark', cell });
    else if (drawn === 2) pieces.push({ kind: 'add', cell });
    else if (drawn === 3) pieces.push({ kind: 'branch', cell });
    else {
      pieces.push({ kind: held ? 'unlock' : 'lock' });
      held = !held;
    }
  }
  if (held) pieces.push({ kind: 'unlock' });
  pieces.push({ kind: 'mark', cell: 0 });
  return pieces;
}

async function programOf(scripts: readonly (readonly Piece[])[]): Promise<Program> {
  const model = defineModel({
    name: 'random',
    build(m) {
      const cells = [m.cell('a'), m.cell('b')];
      const lock = m.mutex('lock');
      for (const [actor, script] of scripts.entries()) {
        m.actor(`actor${actor}`, function* (): Routine {
          for (const piece of script) {
            switch (piece.kind) {
              case 'lock':
                yield* lock.lock();
                break;
              case 'unlock':
                yield* lock.unlock();
                break;
              case 'add':
                yield* cells[piece.cell].add(1);
                break;
              case 'branch':
                // Which mark is passed depends on what others have done by now.
                if ((yield* cells[piece.cell].read()) % 2 === 0) yield* tracepoint('even');
                else yield* cells[1 - piece.cell].add(1);
                break;
              case 'mark':
                yield* tracepoint(`mark ${piece.cell}`);
            }
          }
        });
      }
    },
  });
  return await compileUnder(model, unguarded, { notesCrossings: true });
}

const VISIBLE = new Set(['tracepoint mark 0', 'tracepoint mark 1', 'tracepoint even']);

/** An event that says what a cell held. */
function eventOf(actor: number, name: string, time: number, said: Said | undefined, isLate: boolean): ObservedEvent {
  const event = { actor, kind: 'tracepoint', name, time, line: time, text: name } as const;
  if (said === undefined) return event;
  const take = (look: Look): string | undefined => {
    const held = look.word(said.cell);
    return held === said.value ? undefined : `cell ${said.cell} holds ${held}`;
  };
  return isLate ? { ...event, later: [{ take }] } : { ...event, check: take };
}

interface Said {
  readonly cell: number;
  readonly value: number;
}

/** A true recording: a random run, whose marks are written down as they are passed. */
function recordingOf(program: Program, random: Random): ObservedEvent[] {
  const all = { events: [], visible: VISIBLE };
  const walker = new Walker(program, all);
  const events: ObservedEvent[] = [];
  let state = walker.initial;
  for (let time = 1; ; time++) {
    // A walker without events passes marks by `skip`, and says which they are.
    const able = program.actors.map((_, actor) => actor).filter((actor) => walker.next(state, actor).kind !== 'end');
    const tries = able.map((actor) => ({
      actor,
      step: walker.next(state, actor),
      tried: walker.try(state, actor, true),
    }));
    const moves = tries.filter(({ tried }) => tried.states.length > 0);
    if (moves.length === 0) return events;
    const { actor, step, tried } = moves[random.below(moves.length)];
    const says = random.below(2) === 0;
    if (step.kind === 'mark') {
      const cell = random.below(2);
      const said = says ? { cell, value: state[cell] } : undefined;
      events.push(eventOf(actor, step.crossing.name, time, said, random.below(3) === 0));
    }
    state = tried.states[random.below(tried.states.length)];
  }
}

function changed(events: readonly ObservedEvent[], random: Random): ObservedEvent[] {
  const at = random.below(events.length);
  const event = events[at];
  switch (random.below(4)) {
    case 0:
      return events.filter((_, place) => place !== at);
    case 1:
      return events.with(at, { ...event, name: event.name === 'even' ? 'mark 0' : 'even' });
    case 2:
      return events.with(
        at,
        eventOf(
          event.actor,
          event.name,
          event.time,
          { cell: random.below(2), value: random.below(4) },
          random.below(2) === 0,
        ),
      );
    default: {
      const other = random.below(events.length);
      const [one, two] = [events[at], events[other]];
      const swapped = events.with(at, { ...two, time: one.time }).with(other, { ...one, time: two.time });
      return swapped.sort((left, right) => left.time - right.time);
    }
  }
}

/** How many events some execution explains, by trying everything. */
function enumerated(program: Program, observation: Observation, clockError: number): number {
  const walker = new Walker(program, observation);
  let states: readonly Int32Array[] = [walker.initial];
  const { events } = observation;
  for (const [at, event] of events.entries()) {
    const place = events.slice(0, at).filter(({ actor }) => actor === event.actor).length;
    const bag = new StateBag();
    const found = new StateBag();
    const visit = (state: Int32Array): void => {
      if (!bag.add(state)) return;
      if (walker.matched(state, event.actor) > place) found.add(state);
      for (let actor = 0; actor < program.actors.length; actor++) {
        const step = walker.next(state, actor);
        if (step.kind === 'end') continue;
        if (step.kind === 'mark' && (walker.eventOf(state, actor)?.time ?? 1e9) > event.time + clockError) continue;
        for (const after of walker.try(state, actor).states) visit(after);
      }
    };
    for (const state of states) visit(state);
    if (found.states.length === 0) return at;
    states = found.states;
  }
  return events.length;
}

describe('of a random recording', () => {
  it.each([0, 2])('conform says what plain enumeration says, at a clock error of %i', async (clockError) => {
    const random = new Random(11n, clockError);
    const said = { explained: 0, refused: 0 };
    for (let model = 0; model < MODELS; model++) {
      const scripts = Array.from({ length: 2 + random.below(2) }, () => scriptOf(random));
      const program = await programOf(scripts);
      const recorded = recordingOf(program, random);
      for (const events of [recorded, changed(recorded, random), changed(changed(recorded, random), random)]) {
        if (events.length === 0) continue;
        const observation = { events, visible: VISIBLE };
        const { verdict, explained } = conform(program, observation, { clockError });
        const what = `model ${model}: ${JSON.stringify(scripts)} with ${events.map(({ actor, name }) => `${actor} ${name}`)}`;
        expect(explained, what).toBe(enumerated(program, observation, clockError));
        expect(verdict, what).toBe(explained === events.length ? 'explained' : 'refused');
        said[verdict as 'explained']++;
        if (events === recorded) expect(verdict, what).toBe('explained');
      }
    }
    // Both kinds are there in numbers.
    expect(said.explained).toBeGreaterThan(MODELS);
    expect(said.refused).toBeGreaterThan(MODELS / 4);
  });
});
