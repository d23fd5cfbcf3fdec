/** What must always hold and does not to begin with: said at once, by every engine, kept and replayed without a step. */
import { describe, expect, it } from 'vitest';
import { traceOf } from '../../src/core/story/trace.js';
import { enumerateSchedules } from '../../src/explore/enumerate.js';
import { replaySchedule } from '../../src/explore/replay.js';
import { compileModel, defineModel, explore, verify } from '../../src/index.js';
import { columnsOf } from '../../src/report/columns.js';
import { titleOf } from '../../src/report/title.js';

const model = defineModel({
  name: 'initial',
  build(m) {
    const [x, y] = [m.cell('x', { initial: 5 }), m.cell('y')];
    m.actors(
      'T',
      2,
      () =>
        function* t() {
          yield* y.write(1);
        },
    );
    m.always('small', [x], (value) => value <= 1 || 'x is too large');
  },
});

const SIGNATURE = 'assertion on x in the initial state: small';

describe.each([
  ['explore', () => explore(model, { schedules: 10 })],
  ['explore, keeping going', () => explore(model, { schedules: 10, keepGoing: true })],
  ['verify', () => verify(model)],
  ['verify of everything', () => verify(model, { all: true, count: true })],
  ['verify, depth first', () => verify(model, { order: 'depth-first' })],
])('%s', (_, run) => {
  it('finds it without a step', async () => {
    const { findings } = await run();
    expect(findings.map(({ signature, words, steps }) => ({ signature, words, steps }))).toEqual([
      { signature: SIGNATURE, words: 'x is too large', steps: 0 },
    ]);
  });
});

it('every maximal run is counted as one that breaks something', async () => {
  const { maximal, violating } = enumerateSchedules(await compileModel(model));
  expect({ maximal, violating }).toEqual({ maximal: 2, violating: 2 });
});

it('is replayed from the empty schedule, and told so', async () => {
  const program = await compileModel(model);
  expect(replaySchedule(program, { steps: [], choices: [] }).violation?.rule).toBe('small');
  const trace = traceOf(program, program.actors, { steps: [], choices: [] });
  expect(titleOf(trace)).toBe('BUG: faultline: assertion in the initial state');
  expect(columnsOf(trace)).toContain(' *** assertion *** in the initial state');
});

it('no step follows it', async () => {
  const program = await compileModel(model);
  expect(() => replaySchedule(program, { steps: [0], choices: [] })).toThrow(/assertion in the initial state/);
});
