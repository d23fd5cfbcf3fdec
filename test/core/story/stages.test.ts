/** Stages of a pass in traces: they are shown as one piece, and not as tries. */
import { expect, it } from 'vitest';
import { type Again, inStages, loop } from '../../../src/core/ops/loop.js';
import type { Routine } from '../../../src/core/ops/routine.js';
import { traceOf } from '../../../src/core/story/trace.js';
import { compileModel, defineModel, within } from '../../../src/index.js';
import { verify } from '../../../src/verify/verify.js';

type Values = { at: number };

function modelOf(rounds: typeof loop) {
  return defineModel({
    name: 'stages',
    build(m) {
      const cell = m.cell('cell');
      function* body({ at }: Values, again: Again<Values>): Routine {
        yield* within(`stage ${at}`, '', () => step(at));
        if (at < 2) yield* again({ at: at + 1 });
      }
      function* step(at: number): Routine {
        yield* cell.write(at);
      }
      m.actor('task', () =>
        within('whole', '', function* () {
          yield* rounds({ at: 0 }, body);
          yield* cell.write(9);
        }),
      );
    },
  });
}

async function stepsOf(rounds: typeof loop) {
  const program = await compileModel(modelOf(rounds));
  const { steps } = traceOf(program, program.actors, { steps: [0, 0, 0, 0], choices: [] });
  return steps;
}

it('go on in the function that the pass lies in, and are no retry', async () => {
  const steps = await stepsOf(inStages);
  expect(steps.map(({ again }) => again)).toEqual([false, false, false, false]);
  expect(steps.map(({ frames }) => frames.map(({ name }) => name))).toEqual([
    ['whole', 'stage 0'],
    ['whole', 'stage 1'],
    ['whole', 'stage 2'],
    ['whole'],
  ]);
  // One visit of the function, and one of each stage.
  expect(new Set(steps.map(({ frames }) => frames[0].visit)).size).toBe(1);
  expect(new Set(steps.slice(0, 3).map(({ frames }) => frames[1].visit)).size).toBe(3);
});

it('would be tries as the rounds of a loop', async () => {
  const steps = await stepsOf(loop);
  expect(steps.map(({ again }) => again)).toEqual([true, true, false, false]);
  expect(new Set(steps.map(({ frames }) => frames[0].visit)).size).toBeGreaterThan(1);
});

it('come to the same states as the rounds of a loop', async () => {
  const [staged, looped] = await Promise.all([inStages, loop].map((rounds) => verify(modelOf(rounds))));
  expect(staged.states).toBe(looped.states);
});
