import { expect, test } from 'vitest';
import { placeOfOp } from '../../../src/core/story/op-places.js';
import { traceOf } from '../../../src/core/story/trace.js';
import { userPlace } from '../../../src/core/user-line.js';
import { compileModel, defineModel, loop } from '../../../src/index.js';
import { counter } from '../../report/toy-models.js';

async function linesOf(model: typeof counter, steps: readonly number[]): Promise<readonly (number | undefined)[]> {
  const program = await compileModel(model);
  const trace = traceOf(program, program.actors, { steps: [...steps], choices: [] });
  return trace.steps.flatMap(({ ops }) => ops.map((op) => placeOfOp(op)?.line));
}

test('an op stands where the routine that yields it makes it, the same op of two actors in one place', async () => {
  const program = await compileModel(counter);
  const trace = traceOf(program, program.actors, { steps: [0, 1, 0, 1], choices: [] });
  const places = trace.steps.flatMap(({ ops }) => ops.map((op) => placeOfOp(op)));
  const [read, otherRead, write] = places;
  expect(read?.path).toMatch(/toy-models\.ts$/);
  expect(otherRead).toEqual(read);
  expect(write?.line).toBe((read?.line ?? 0) + 1);
});

test('an op in a later round of a loop stands where it stands in the text', async () => {
  let line = 0;
  const model = defineModel({
    name: 'rounds',
    parameters: { tellers: 2 },
    build(m) {
      const cell = m.cell('cell');
      m.actor('counter', function* count() {
        yield* loop({ n: 0 }, function* ({ n }, again) {
          line = (userPlace(new Error('here').stack ?? '')?.line ?? 0) + 1;
          yield* cell.write(n);
          if (n < 2) yield* again({ n: n + 1 });
        });
      });
    },
  });
  const lines = await linesOf(model, [0, 0, 0]);
  expect(line).toBeGreaterThan(1);
  expect(lines).toEqual([line, line, line]);
});

test('an op that was made before its routine ran stands nowhere', async () => {
  const model = defineModel({
    name: 'early',
    parameters: { tellers: 2 },
    build(m) {
      const write = m.cell('cell').write(1);
      m.actor('writer', function* run() {
        yield* write;
      });
    },
  });
  expect(await linesOf(model, [0])).toEqual([undefined]);
});
