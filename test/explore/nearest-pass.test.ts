/** The nearest run that passes: it is near, it passes, and it is the nearest. */
import { expect, it } from 'vitest';
import { keepCalls } from '../../src/core/story/kept-calls.js';
import { traceOf } from '../../src/core/story/trace.js';
import { explore } from '../../src/explore/explore.js';
import { nearestPass } from '../../src/explore/nearest-pass.js';
import { replaySchedule } from '../../src/explore/replay.js';
import { gmem } from '../../src/gmem/model.js';
import { builtinScenario } from '../../src/gmem/scenarios/builtin-scenarios.js';
import { compileModel, defineModel, type Model } from '../../src/index.js';
import { nearestRun } from '../../src/kept/nearest-run.js';
import { abba, lostUpdate } from './toys.js';

const raced = gmem(builtinScenario('fault-vs-convert'), 'v2-hook-every-fault');

async function firstFinding(model: Model) {
  const program = await compileModel(model);
  const { findings } = await explore(model, { schedules: 2_000, seed: 1n });
  const [{ kept, schedule }] = findings;
  return { program, actors: keepCalls(program.actors, kept), schedule };
}

it.each([
  ['a lost update', lostUpdate],
  ['a deadlock', abba],
  ['a race of guest_memfd', raced],
])('of %s it replays strictly, comes to its end and breaks nothing', async (_, model) => {
  const { program, actors, schedule } = await firstFinding(model);
  const pass = nearestPass(program, actors, schedule)!;
  const { executor, violation } = replaySchedule(program, pass.schedule, actors);
  expect(violation).toBeUndefined();
  expect(executor.complete).toBe(true);
});

it('differs first where the switch was, or as many steps before', async () => {
  const { program, actors, schedule } = await firstFinding(raced);
  const { schedule: passing, switchAt, moved, firstDifference } = nearestPass(program, actors, schedule)!;
  expect(schedule.steps[switchAt]).not.toBe(schedule.steps[switchAt - 1]);
  expect(firstDifference).toBe(moved > 0 ? switchAt : switchAt + moved);
  expect(passing.steps.slice(0, firstDifference)).toEqual(schedule.steps.slice(0, firstDifference));
  expect(passing.steps[firstDifference]).not.toBe(schedule.steps[firstDifference]);
});

it('names the step by which the one comes too late', async () => {
  const program = await compileModel(
    defineModel({
      name: 'window',
      build(m) {
        const [gate, done] = [m.cell('gate'), m.cell('done')];
        m.actor('closer', function* close() {
          yield* gate.write(1);
          yield* done.write(1);
          yield* gate.write(0);
        });
        m.actor('passer', function* pass() {
          yield* gate.apply('BUG_ON(%)', 'none', {
            violation: (seen) => (seen === 1 ? { kind: 'assertion', words: 'the gate is shut' } : undefined),
          });
        });
      },
    }),
  );
  const broken = traceOf(program, program.actors, { steps: [0, 0, 1], choices: [] });
  expect(nearestRun(broken)).toMatchObject({
    switchAt: 2,
    moved: 1,
    firstDifference: 2,
    schedule: { steps: [0, 0, 0, 1] },
  });
  expect(nearestRun(broken)?.words).toBe(
    'The nearest run that passes: closer takes one step more (gate = 0) before passer begins with BUG_ON(gate).',
  );
  const early = traceOf(program, program.actors, { steps: [0, 1], choices: [] });
  expect(nearestRun(early)?.words).toBe(
    'The nearest run that passes: passer begins with BUG_ON(gate) one step earlier, before gate = 1 of closer.',
  );
});

it('there is none where every run breaks', async () => {
  const program = await compileModel(
    defineModel({
      name: 'never',
      build(m) {
        const cell = m.cell('cell');
        m.actors(
          'adder',
          2,
          () =>
            function* add() {
              yield* cell.add(1);
            },
        );
        m.finally('wrong', [cell], () => 'always');
      },
    }),
  );
  expect(nearestPass(program, program.actors, { steps: [0, 1], choices: [] })).toBeUndefined();
});

it('what is tried counts as covered by nobody', async () => {
  const { program, actors, schedule } = await firstFinding(raced);
  const before = program.automaton.nodes.slice();
  nearestPass(program, actors, schedule);
  expect(program.automaton.nodes).toEqual(before);
});
