import { expect, test } from 'vitest';
import type { Routine } from '../../src/core/ops/routine.js';
import { traceOf } from '../../src/core/story/trace.js';
import { call, choose, compileModel, defineModel, here, within } from '../../src/index.js';
import type { ModelBuilder } from '../../src/model/model-builder.js';
import { columnRows } from '../../src/report/column-rows.js';

/** The rows of a run, indented by their depth, with the number of the actor before them. */
async function rows(build: (m: ModelBuilder) => void, steps: readonly number[], choices: readonly number[] = []) {
  const program = await compileModel(defineModel({ name: 'toy', build }));
  const trace = traceOf(program, program.actors, { steps, choices });
  expect(trace.cutShort).toBeUndefined();
  return columnRows(trace).map(({ actor, depth, text }) => `${actor}: ${'  '.repeat(depth)}${text}`);
}

/** A task that adds to a cell of its own, between two steps on a shared one. */
function ownCell(times: number, other: (m: ModelBuilder) => void = () => undefined) {
  return (m: ModelBuilder): void => {
    const shared = m.cell('shared');
    const own = m.cell('own');
    m.actor('task', function* task() {
      yield* shared.add(1);
      for (let i = 0; i < times; i++) yield* own.add(1);
      yield* shared.add(1);
    });
    m.actor('other', function* look() {
      yield* shared.read();
    });
    other(m);
  };
}

test('four steps on words of its own fold, three do not', async () => {
  expect(await rows(ownCell(4), [0, 0, 0, 0, 0, 0, 1])).toEqual([
    '0: shared++',
    '0: ...',
    '0: shared++',
    '1: shared -> 2',
  ]);
  expect(await rows(ownCell(3), [0, 0, 0, 0, 0, 1])).toHaveLength(6);
});

test('steps between which another actor runs do not fold together', async () => {
  expect(await rows(ownCell(6), [0, 0, 0, 0, 1, 0, 0, 0, 0])).toHaveLength(9);
  expect(await rows(ownCell(7), [0, 0, 0, 0, 1, 0, 0, 0, 0, 0])).toEqual([
    ...['0: shared++', '0: own++', '0: own++', '0: own++', '1: shared -> 1'],
    ...['0: ...', '0: shared++'],
  ]);
});

test('steps on words that another actor touches anywhere in the trace do not fold', async () => {
  const build = (m: ModelBuilder): void => {
    const cell = m.cell('cell');
    m.actors(
      'task',
      2,
      () =>
        function* task() {
          for (let i = 0; i < 4; i++) yield* cell.read();
        },
    );
  };
  expect(await rows(build, [0, 0, 0, 0, 1])).toHaveLength(5);
  expect(await rows(build, [0, 0, 0, 0])).toEqual(['0: ...']);
});

test('a fold stays within its function, so that functions stay to be seen', async () => {
  const build = (m: ModelBuilder): void => {
    const cell = m.cell('cell');
    const four = function* () {
      for (let i = 0; i < 4; i++) yield* cell.add(1);
    };
    m.actor('task', function* task() {
      yield* four();
      yield* within('f', '', function* () {
        yield* four();
        yield* within('g', '', four);
        yield* cell.add(1);
      });
    });
  };
  expect(await rows(build, new Array<number>(13).fill(0))).toEqual([
    ...['0: ...', '0: f()', '0:   ...', '0:   g()', '0:     ...', '0:   cell++'],
  ]);
});

/** A task that adds to a cell `times` times before and after something else. */
function around(times: number, middle: () => Routine<unknown>) {
  return (m: ModelBuilder): void => {
    const cell = m.cell('cell');
    m.always('small', [cell], (value) => value < 8);
    m.actor('task', function* task() {
      for (let i = 0; i < times; i++) yield* cell.add(1);
      yield* middle();
      for (let i = 0; i < times; i++) yield* cell.add(1);
    });
  };
}

test('decisions are never folded', async () => {
  const build = around(4, () => choose(2, 'coin')[Symbol.iterator]());
  expect(await rows(build, new Array<number>(7).fill(0), [1])).toEqual([
    ...['0: ...', '0: coin -> 1', '0: cell++', '0: cell++'],
  ]);
});

test('retries are never folded', async () => {
  const build = (m: ModelBuilder): void => {
    const cell = m.cell('cell');
    m.actor('task', function* task() {
      const again = yield* here();
      for (let i = 0; i < 4; i++) yield* cell.add(1);
      if ((yield* cell.read()) === 4) yield* again();
    });
  };
  expect(await rows(build, new Array<number>(9).fill(0))).toEqual(['0: ...', '0: cell -> 4; retry', '0: ...']);
});

test('the step that breaks is never folded', async () => {
  const build = around(4, () => choose(2, 'coin')[Symbol.iterator]());
  expect(await rows(build, new Array<number>(9).fill(0), [0])).toEqual([
    ...['0: ...', '0: coin -> 0', '0: cell++', '0: cell++', '0: cell++', '0: cell++'],
  ]);
});

test('each call is named where an actor makes several, and only there', async () => {
  const build = (m: ModelBuilder): void => {
    const cell = m.cell('cell');
    const add = function* () {
      yield* cell.add(1);
    };
    m.actor('two', [call('first', add), call('second', () => within('f', '', add))]);
    m.actor('one', [call('only', add)]);
  };
  expect(await rows(build, [0, 1, 0])).toEqual([
    '0: first:',
    '0: cell++',
    '1: cell++',
    '0: second:',
    '0: f()',
    '0:   cell++',
  ]);
});

test('a function is entered once for each visit, also when others run in between', async () => {
  const build = (m: ModelBuilder): void => {
    const cell = m.cell('cell');
    const visit = () =>
      within('f', '', function* () {
        yield* cell.add(1);
        yield* cell.add(1);
      });
    m.actors(
      'task',
      2,
      () =>
        function* task() {
          yield* visit();
          yield* visit();
        },
    );
  };
  expect(await rows(build, [0, 1, 0, 0])).toEqual([
    ...['0: f()', '0:   cell++', '1: f()', '1:   cell++', '0:   cell++', '0: f()', '0:   cell++'],
  ]);
});

test('of each cell that the broken check looks at, the step that wrote it last is never folded', async () => {
  const build = (m: ModelBuilder): void => {
    const cells = m.cells('cell', 3);
    const work = (place: number) =>
      function* work() {
        for (let i = 1; i <= 6; i++) yield* cells.at(place).write(i);
        yield* cells.at(place).read();
      };
    for (const place of [0, 1, 2]) m.actor(`task${place}`, work(place));
    m.always('never', [cells.at(2)], () => true);
    m.always('sum', [cells.at(0), cells.at(1)], (a, b) => a + b !== 8);
  };
  const steps = [...new Array<number>(6).fill(0), ...new Array<number>(6).fill(2), 1, 1];
  expect(await rows(build, steps)).toEqual([
    ...['0: ...', '0: cell[0] = 6', '2: ...', '1: cell[1] = 1', '1: cell[1] = 2'],
  ]);
});

test('steps that are to be kept are not folded', async () => {
  const program = await compileModel(defineModel({ name: 'toy', build: ownCell(9) }));
  const trace = traceOf(program, program.actors, { steps: new Array<number>(11).fill(0), choices: [] });
  const kept = columnRows(trace, { keep: (step) => step === trace.steps[5] });
  expect(kept.map(({ text }) => text)).toEqual(['...', 'own++', '...']);
});

test('what a function returned stands below its last step, once for all that hand it on', async () => {
  const model = defineModel({
    name: 'returns',
    build(m) {
      const cell = m.cell('cell');
      const told = (value: number) => (value < 0 ? '-EAGAIN' : undefined);
      function* inner() {
        return (yield* cell.read()) === 0 ? -11 : 0;
      }
      function* outer() {
        const error = yield* within('outer', '', () => within('inner', '', inner, told), told);
        yield* cell.write(1);
        return error;
      }
      m.actor('task', [call('try', outer), call('try again', outer)]);
    },
  });
  const program = await compileModel(model);
  const trace = traceOf(program, program.actors, { steps: [0, 0, 0, 0], choices: [] });
  expect(columnRows(trace).map(({ depth, text }) => `${'  '.repeat(depth)}${text}`)).toEqual([
    'try:',
    'outer()',
    '  inner()',
    '    cell -> 0',
    '  -> -EAGAIN',
    'cell = 1',
    'try again:',
    'outer()',
    '  inner()',
    '    cell -> 1',
    'cell = 1',
  ]);
});
