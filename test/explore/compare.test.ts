/** Compare: one answer a cell. */
import { expect, it } from 'vitest';
import { type CompareAnswer, type CompareCell, compare } from '../../src/explore/compare.js';
import { atomic, defineModel, here } from '../../src/index.js';

/** Two actors with two bugs each: one that shows in every run, and a more urgent one. */
const broken = defineModel({
  name: 'broken',
  build(m) {
    const x = m.cell('x');
    const lost = m.cell('lost');
    m.actors(
      'adder',
      2,
      () =>
        function* add() {
          yield* lost.write(1);
          const seen = yield* x.read();
          yield* x.write(seen + 1);
        },
    );
    m.always('nothing lost', [lost], (value) => value === 0 || 'it is lost', { kind: 'assertion' });
    m.always('x stays below two', [x], (value) => value < 2 || 'x is two', { kind: 'leak' });
  },
});
const right = defineModel({
  name: 'right',
  build(m) {
    const x = m.cell('x');
    m.actors(
      'adder',
      2,
      () => () =>
        atomic('add', function* add() {
          const seen = yield* x.read();
          yield* x.write(seen + 1);
        }),
    );
    m.finally('both counted', [x], (value) => value === 2);
  },
});
const late = defineModel({
  name: 'late',
  build(m) {
    const x = m.cell('x');
    m.actors(
      'adder',
      2,
      () =>
        function* add() {
          const seen = yield* x.read();
          yield* x.write(seen + 1);
        },
    );
    m.finally('both counted', [x], (value) => value === 2, { kind: 'lost-write' });
  },
});
const endless = defineModel({
  name: 'endless',
  parameters: { counts: true },
  build(m, p) {
    const [x, spins] = [m.cell('x'), m.cell('spins')];
    m.actor('spinner', function* spin() {
      const again = yield* here();
      if (p.counts) yield* spins.add(1);
      if ((yield* x.read()) === 0) yield* again();
    });
  },
});
const cellOf = (model: CompareCell['model']): CompareCell => ({ scenario: 'toy', scheme: model.name, model });
const verdicts = (answers: readonly CompareAnswer[]) =>
  answers.map(({ scheme, verdict, kind }) => [scheme, verdict, kind]);

it('answers in the order of the cells: clean, the kind, or no answer when no run came to its end', async () => {
  const cells = [late, right, endless, endless.with({ counts: false })].map(cellOf);
  const answers = await compare(cells, { schedules: 256, stepBound: 100 });
  expect(verdicts(answers)).toEqual([
    ['late', 'violation', 'lost-write'],
    ['right', 'clean', undefined],
    ['endless', 'inconclusive', undefined],
    ['endless', 'violation', 'livelock'],
  ]);
});

it('runs all schedules of a cell that breaks, and names the most urgent kind first', async () => {
  const [answer] = await compare([cellOf(broken)], { strategy: 'random', schedules: 512 });
  expect(answer).toMatchObject({ kinds: ['assertion'], schedules: 512 });
  const both = defineModel({
    name: 'both',
    build(m) {
      const [x, y] = [m.cell('x'), m.cell('y')];
      m.actor('first', function* first() {
        yield* x.write(1);
      });
      m.actor('second', function* second() {
        yield* y.write(1);
      });
      m.always('x', [x], (value) => value === 0, { kind: 'assertion' });
      m.always('y', [y], (value) => value === 0, { kind: 'leak' });
    },
  });
  expect((await compare([cellOf(both)], { schedules: 512 }))[0]).toMatchObject({
    kind: 'leak',
    kinds: ['leak', 'assertion'],
  });
});

it('is a function of the seed', async () => {
  const run = (seed: bigint) => compare([late, right].map(cellOf), { schedules: 300, seed });
  expect(await run(5n)).toEqual(await run(5n));
});

it('tells of each cell when it is answered', async () => {
  const told: [string, number][] = [];
  const onAnswer = ({ scheme }: CompareAnswer, answered: number) => told.push([scheme, answered]);
  await compare([late, right].map(cellOf), { schedules: 1, onAnswer });
  expect(told).toEqual([
    ['late', 1],
    ['right', 2],
  ]);
});

it('an aborted signal leaves the cells that are left without an answer', async () => {
  const controller = new AbortController();
  const onAnswer = () => controller.abort();
  const answers = await compare([late, right, right].map(cellOf), {
    schedules: 256,
    signal: controller.signal,
    onAnswer,
  });
  expect(verdicts(answers).map(([, verdict]) => verdict)).toEqual(['violation', 'inconclusive', 'inconclusive']);
  expect(answers[2].schedules).toBe(0);
});

it('shares a budget among the cells', async () => {
  const start = performance.now();
  const cells = [right, right, right, right].map(cellOf);
  const answers = await compare(cells, { budgetMs: 800, clock: () => performance.now() });
  for (const { schedules } of answers) expect(schedules).toBeGreaterThan(0);
  // A cell ends with the chunk that is under way; without a budget it would never end.
  expect(performance.now() - start).toBeLessThan(10_000);
});

it('an error names the cell', async () => {
  const wrong = defineModel({ name: 'wrong', build() {} });
  await expect(compare([cellOf(wrong)])).rejects.toThrow(/^faultline: wrong in toy: model wrong has no actors/);
});
