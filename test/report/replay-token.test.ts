import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Program } from '../../src/core/program/program.js';
import { allCalls, keepCalls } from '../../src/core/story/kept-calls.js';
import { traceOf } from '../../src/core/story/trace.js';
import { call, choose, compileModel, defineModel } from '../../src/index.js';
import { layoutHash } from '../../src/report/layout-hash.js';
import { replayToken } from '../../src/report/replay-token.js';
import { decodeToken, encodeToken, type ReplayToken } from '../../src/report/token.js';
import { randomSchedule } from './random-run.js';
import { counter, folios, lockOrder } from './toy-models.js';

const parts = { scenario: '00000001', scheme: '00000002', layout: '00000003' };

/** The token of a schedule, as a verb that found something would make it. */
function tokenOf(
  program: Program,
  steps: readonly number[],
  choices: readonly number[],
  kept = allCalls(program.actors),
): ReplayToken {
  const { stepHashes, opsHash } = traceOf(program, keepCalls(program.actors, kept), { steps, choices });
  return { scenario: 's', scheme: '', settings: {}, parts, kept, schedule: { steps, choices }, stepHashes, opsHash };
}

test('a token replays as the run it was made from', async () => {
  const programs = await Promise.all([counter, lockOrder, folios, folios.with({ vcpus: 3 })].map(compileModel));
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: programs.length - 1 }), fc.nat(), async (number, seed) => {
      const program = programs[number];
      const { steps, choices } = randomSchedule(program, seed);
      const token = tokenOf(program, steps, choices);
      const replay = replayToken(program, await decodeToken(encodeToken(token)), parts);
      expect(replay).toMatchObject({ agrees: true, notes: [], firstDifference: undefined });
      const original = traceOf(program, program.actors, { steps, choices });
      expect(replay.trace?.steps).toEqual(original.steps);
      expect(replay.trace?.violation).toEqual(original.violation);
    }),
  );
});

test('a token with calls left out replays on the calls that are kept', async () => {
  const program = await compileModel(folios);
  const kept = [[1], []];
  const token = tokenOf(program, [0, 0, 0], [], kept);
  const replay = replayToken(program, token, parts);
  expect(replay.agrees).toBe(true);
  expect(replay.trace?.steps.map(({ callName }) => callName)).toEqual(new Array(3).fill('fault gfn 0 again'));
});

test('parts that changed while the ops did not give a note each', async () => {
  const program = await compileModel(counter);
  const token = tokenOf(program, [0, 1, 0, 1], []);
  const replay = replayToken(program, token, { ...parts, scheme: 'ffffffff', layout: 'ffffffff' });
  expect(replay.agrees).toBe(true);
  expect(replay.notes).toEqual([
    'The scheme has changed since the token was made; the ops are the same.',
    'The layout has changed since the token was made; the ops are the same.',
  ]);
});

test('a hash of all ops that differs is not agreement, even if the short ones of each step happen to agree', async () => {
  const program = await compileModel(counter);
  const replay = replayToken(program, { ...tokenOf(program, [0, 1], []), opsHash: '00000000' }, parts);
  expect(replay.agrees).toBe(false);
  expect(replay.firstDifference).toContain('its last step runs other ops');
});

describe('a program that runs other ops', () => {
  /** Two cells, a choice and a lock; `second` says what the second step is. */
  const model = (second: 'a' | 'b' | 'none' | 'wait' | 'choice', calls = 1) =>
    defineModel({
      name: 'toy',
      build(m) {
        const cells = { a: m.cell('a'), b: m.cell('b') };
        function* body() {
          yield* cells.a.add(1);
          if (second === 'a' || second === 'b') yield* cells[second].add(1);
          if (second === 'wait') yield* cells.a.waitUntil((value) => value > 9);
          if (second === 'choice') yield* choose(2, 'coin');
        }
        m.actor(
          'task',
          Array.from({ length: calls }, (_, position) => call(`call ${position}`, body)),
        );
      },
    });

  test.each([
    ['another cell', 'b', 'the first op that differs is step 2, where task in call * now runs b++'],
    ['one step less', 'none', 'task cannot take step 2'],
    ['a step that has to wait', 'wait', 'task cannot take step 2'],
    ['a choice instead', 'choice', 'there is no answer to the choice of task in step 2'],
  ] as const)('%s: the first difference is named', async (_, second, sentence) => {
    const token = tokenOf(await compileModel(model('a')), [0, 0], []);
    const replay = replayToken(await compileModel(model(second)), token, { ...parts, scheme: 'ffffffff' });
    expect(replay.agrees).toBe(false);
    expect(replay.firstDifference).toBe(
      `faultline: the token no longer replays: ${sentence} (changed since it was made: scheme).`,
    );
  });

  test('a call that is gone: said without a trace', async () => {
    const token = tokenOf(await compileModel(model('a', 2)), [0, 0, 0, 0], []);
    const replay = replayToken(await compileModel(model('a', 1)), token, parts);
    expect(replay).toMatchObject({ agrees: false, trace: undefined });
    expect(replay.firstDifference).toContain('task has calls 0 to 0; kept: 0, 1');
    expect(replay.firstDifference).toContain('so Faultline itself changed');
  });
});

describe('layout hash', () => {
  test('is the same for the same model and differs with cells, initial values and calls', async () => {
    const hash = async (model: Parameters<typeof compileModel>[0]) => layoutHash(await compileModel(model));
    const withCell = (name: string, initial: number, routine: string) =>
      defineModel({
        name: 'toy',
        build(m) {
          const cell = m.cell(name, { initial });
          m.actor('task', [
            call(routine, function* body() {
              yield* cell.read();
            }),
          ]);
        },
      });
    const base = await hash(withCell('a', 0, 'read'));
    expect(base).toMatch(/^[0-9a-f]{8}$/);
    expect(await hash(withCell('a', 0, 'read'))).toBe(base);
    for (const other of [withCell('b', 0, 'read'), withCell('a', 1, 'read'), withCell('a', 0, 'look')]) {
      expect(await hash(other)).not.toBe(base);
    }
  });
});
