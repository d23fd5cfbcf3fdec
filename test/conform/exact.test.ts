/**
 * Verdicts of conform are those of an oracle that takes every interleaving: of small programs of two or three actors, whose logs
 * are cut from runs, and forged.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { defineModel, type Observation, tracepoint } from '../../src/index.js';
import { conformModel } from '../../src/library/conform-model.js';

/** One step of an actor, or a mark that prints what it saw last. */
type Step =
  | { readonly do: 'read' | 'add'; readonly cell: number }
  | { readonly do: 'write'; readonly cell: number; readonly value: number }
  | { readonly do: 'wait'; readonly cell: number; readonly least: number }
  | { readonly do: 'mark' };

/** The steps of each actor. */
type Small = readonly (readonly Step[])[];

/** An event: which actor's mark, and what it printed. */
type Logged = readonly [actor: number, seen: number];

const CELLS = 2;

const cell = fc.integer({ min: 0, max: CELLS - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('read' as const), cell }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('add' as const), cell }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('write' as const), cell, value: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('wait' as const), cell, least: fc.integer({ min: 1, max: 2 }) }),
  },
  { weight: 4, arbitrary: fc.constant({ do: 'mark' as const }) },
);
const small: fc.Arbitrary<Small> = fc
  .integer({ min: 2, max: 3 })
  .chain((actors) =>
    fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { minLength: actors, maxLength: actors }),
  );

/** Where everybody is: cells, then for each actor its place and what it saw last. */
type At = readonly number[];

const startOf = (program: Small): At => [...Array<number>(CELLS).fill(0), ...program.flatMap(() => [0, 0])];

/** What a step of an actor leads to, and what it prints; undefined where it waits or is at its end. */
function stepOf(
  program: Small,
  at: At,
  actor: number,
): { readonly at: At; readonly logged: Logged | undefined } | undefined {
  const [place, seen] = at.slice(CELLS + 2 * actor);
  const next = program[actor][place];
  if (next === undefined) return undefined;
  const after = [...at];
  after[CELLS + 2 * actor]++;
  if (next.do === 'mark') return { at: after, logged: [actor, seen] };
  if (next.do === 'wait' && at[next.cell] < next.least) return undefined;
  if (next.do === 'read' || next.do === 'add') after[CELLS + 2 * actor + 1] = at[next.cell];
  if (next.do === 'add') after[next.cell]++;
  if (next.do === 'write') after[next.cell] = next.value;
  return { at: after, logged: undefined };
}

/** How many of the events, in order, some interleaving shows. */
function longest(program: Small, log: readonly Logged[]): number {
  let states = closed(program, [startOf(program)]);
  for (const [place, [actor, seen]] of log.entries()) {
    const found: At[] = [];
    for (const state of states) {
      const step = stepOf(program, state, actor);
      if (step?.logged !== undefined && step.logged[1] === seen) found.push(step.at);
    }
    if (found.length === 0) return place;
    states = closed(program, found);
  }
  return log.length;
}

/** Whether some interleaving shows all events, each actor's in order, and others' no further apart than the clock error. */
function anyOrder(program: Small, log: readonly Logged[], clockError: number): boolean {
  const known = new Set<string>();
  const open: { readonly at: At; readonly taken: readonly number[] }[] = [{ at: startOf(program), taken: [] }];
  for (let now = open.pop(); now !== undefined; now = open.pop()) {
    const { at, taken } = now;
    const key = `${at.join()} ${[...taken].sort((one, other) => one - other).join()}`;
    if (known.has(key)) continue;
    known.add(key);
    if (taken.length === log.length) return true;
    const first = log.findIndex((_, place) => !taken.includes(place));
    for (let actor = 0; actor < program.length; actor++) {
      const step = stepOf(program, at, actor);
      if (step === undefined) continue;
      const next = log.findIndex(([other], place) => other === actor && !taken.includes(place));
      if (step.logged === undefined) open.push({ at: step.at, taken });
      else if (next >= 0 && next <= first + clockError && log[next][1] === step.logged[1]) {
        open.push({ at: step.at, taken: [...taken, next] });
      }
    }
  }
  return false;
}

/** All that can be reached by steps that print nothing. */
function closed(program: Small, from: readonly At[]): readonly At[] {
  const known = new Map(from.map((at) => [at.join(), at]));
  const open = [...from];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (let actor = 0; actor < program.length; actor++) {
      const step = stepOf(program, at, actor);
      if (step === undefined || step.logged !== undefined || known.has(step.at.join())) continue;
      known.set(step.at.join(), step.at);
      open.push(step.at);
    }
  }
  return [...known.values()];
}

/** What a run prints whose actors are drawn. */
function logOf(program: Small, draws: readonly number[]): readonly Logged[] {
  const log: Logged[] = [];
  let at = startOf(program);
  for (const draw of draws) {
    const step = stepOf(program, at, draw % program.length);
    if (step === undefined) continue;
    at = step.at;
    if (step.logged !== undefined) log.push(step.logged);
  }
  return log;
}

async function heldAgainst(program: Small, log: readonly Logged[], clockError = 0) {
  const model = defineModel({
    name: 'small',
    build(m) {
      const cells = Array.from({ length: CELLS }, (_, place) => m.cell(`c${place}`));
      for (const [actor, steps] of program.entries()) {
        m.actor(`actor${actor}`, function* () {
          let seen = 0;
          for (const each of steps) {
            if (each.do === 'mark') yield* tracepoint('mark', seen);
            else if (each.do === 'read') seen = yield* cells[each.cell].read();
            else if (each.do === 'add') seen = yield* cells[each.cell].fetchAdd(1);
            else if (each.do === 'write') yield* cells[each.cell].write(each.value);
            else if (each.do === 'wait') yield* cells[each.cell].waitUntil((value) => value >= each.least);
          }
        });
      }
    },
  });
  const observed: Observation = {
    events: log.map(([actor, seen], place) => ({
      ...{ actor, kind: 'tracepoint', name: 'mark', time: place, line: place + 1, text: `${actor} ${seen}` },
      check: ({ values }) => (values[0] === seen ? undefined : `it saw ${String(values[0])}`),
    })),
    visible: new Set(['tracepoint mark']),
  };
  return await conformModel(model, () => observed, { clockError });
}

const draws = fc.array(fc.nat(5), { minLength: 4, maxLength: 40 });

it('what a run printed is explained', async () => {
  await fc.assert(
    fc.asyncProperty(small, draws, async (program, actors) => {
      const log = logOf(program, actors);
      const { verdict, explained } = await heldAgainst(program, log);
      expect([verdict, explained]).toEqual(['explained', log.length]);
    }),
    { numRuns: 150 },
  );
});

it('a forged log is explained as far as some interleaving shows it, and refused there', async () => {
  const verdicts = { explained: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(
      small,
      draws,
      fc.nat(),
      fc.integer({ min: 0, max: 3 }),
      fc.boolean(),
      async (program, actors, at, value, swaps) => {
        const log = [...logOf(program, actors)];
        fc.pre(log.length > 0);
        const place = at % log.length;
        if (swaps && place > 0) log.splice(place - 1, 2, log[place], log[place - 1]);
        else log[place] = [log[place][0], value];
        const most = longest(program, log);
        const result = await heldAgainst(program, log);
        expect(result.verdict).toBe(most === log.length ? 'explained' : 'refused');
        expect(result.explained).toBe(most);
        if (result.verdict !== 'undecided') verdicts[result.verdict]++;
      },
    ),
    { numRuns: 300 },
  );
  // Both are met often, so that neither is what it always says.
  expect(Math.min(verdicts.explained, verdicts.refused)).toBeGreaterThan(20);
});

it('with a clock error events may be that far apart, and no further', async () => {
  const verdicts = { explained: 0, refused: 0 };
  const moved = fc.record({ at: fc.nat(), by: fc.integer({ min: 1, max: 3 }) });
  await fc.assert(
    fc.asyncProperty(
      small,
      draws,
      moved,
      fc.integer({ min: 0, max: 3 }),
      async (program, actors, { at, by }, clockError) => {
        const log = [...logOf(program, actors)];
        fc.pre(log.length > 1);
        const [event] = log.splice(at % log.length, 1);
        log.splice((at % (log.length + 1)) + by, 0, event);
        const { verdict } = await heldAgainst(program, log, clockError);
        // A few have more states behind one event than are kept, and say so.
        if (verdict === 'undecided') return;
        expect(verdict).toBe(anyOrder(program, log, clockError) ? 'explained' : 'refused');
        verdicts[verdict]++;
      },
    ),
    { numRuns: 1500 },
  );
  expect(Math.min(verdicts.explained, verdicts.refused)).toBeGreaterThan(10);
  expect(verdicts.explained + verdicts.refused).toBeGreaterThan(500);
});
