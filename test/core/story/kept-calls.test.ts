import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ProgramActor } from '../../../src/core/program/program.js';
import { allCalls, keepCalls } from '../../../src/core/story/kept-calls.js';
import { after, call, compileModel, defineModel } from '../../../src/index.js';

/** Actors with the given numbers of calls; the last call of the last actor waits for `waits` calls of actor 0. */
async function actorsOf(calls: readonly number[], waits = 0): Promise<readonly ProgramActor[]> {
  const model = defineModel({
    name: 'toy',
    build(m) {
      const cell = m.cell('cell');
      function* body() {
        yield* cell.add(1);
      }
      calls.forEach((count, actor) => {
        const script = Array.from({ length: count }, (_, position) => call(`${actor}.${position}`, body));
        const last = script.length - 1;
        if (actor === calls.length - 1 && waits > 0) script[last] = after([{ actor: 0, calls: waits }], script[last]);
        m.actor(`task${actor}`, script);
      });
    },
  });
  return (await compileModel(model)).actors;
}

test('keeping every call changes nothing', async () => {
  const actors = await actorsOf([2, 3], 1);
  expect(keepCalls(actors, allCalls(actors))).toEqual(actors);
});

test('the kept calls stay in order, and an actor without calls stays', async () => {
  const kept = keepCalls(await actorsOf([3, 2]), [[0, 2], []]);
  expect(kept.map(({ calls }) => calls.map(({ name }) => name))).toEqual([['0.0', '0.2'], []]);
});

test('a call waits for those that are left of the calls it waited for', async () => {
  const counts = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.nat(), fc.nat());
  await fc.assert(
    fc.asyncProperty(counts, async ([count, bits, pick]) => {
      const waits = 1 + (pick % count);
      const actors = await actorsOf([count, 1], waits);
      const kept = [...Array(count).keys()].filter((position) => ((bits >> position) & 1) === 1);
      const constraints = keepCalls(actors, [kept, [0]])[1].calls[0].after;
      const left = kept.filter((position) => position < waits).length;
      expect(constraints).toEqual(left === 0 ? [] : [{ actor: 0, calls: left }]);
    }),
  );
});

test('what a left-out call had to wait for, its followers wait for: on other actors and on its own', async () => {
  const model = defineModel({
    name: 'chain',
    build(m) {
      const cell = m.cell('cell');
      function* body() {
        yield* cell.add(1);
      }
      m.actor('a', [call('a0', body), call('a1', body)]);
      m.actor('b', [after([{ actor: 0, calls: 2 }], call('b0', body)), call('b1', body)]);
      m.actor('c', [after([{ actor: 1, calls: 1 }], call('c0', body))]);
    },
  });
  const { actors } = await compileModel(model);
  const constraints = (kept: readonly (readonly number[])[]) =>
    keepCalls(actors, kept).map(({ calls }) => calls.map((each) => each.after));
  expect(constraints([[0, 1], [1], [0]])).toEqual([[[], []], [[{ actor: 0, calls: 2 }]], [[{ actor: 0, calls: 2 }]]]);
  expect(constraints([[0], [], [0]])).toEqual([[[]], [], [[{ actor: 0, calls: 1 }]]]);
  expect(constraints([[], [1], [0]])).toEqual([[], [[]], [[]]]);
});

test.each([
  ['a call that does not exist', [[0, 2], []]],
  ['calls out of order', [[1, 0], []]],
  ['the same call twice', [[1, 1], []]],
  ['too few actors', [[0]]],
])('%s is refused', async (_, kept) => {
  const actors = await actorsOf([2, 1]);
  expect(() => keepCalls(actors, kept)).toThrow(RangeError);
});
