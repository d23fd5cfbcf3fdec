import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/core/errors.js';
import { keepCalls } from '../../src/core/story/kept-calls.js';
import { replaySchedule } from '../../src/explore/replay.js';
import { compileModel } from '../../src/index.js';
import { abba, checkThenUse, lostUpdate, unlucky } from './toys.js';

describe('replaySchedule', () => {
  it('tells what the last step broke, and leaves the executor there', async () => {
    const program = await compileModel(unlucky);
    const { violation, executor } = replaySchedule(program, { steps: [0, 0, 0], choices: [2, 1] });
    expect(violation).toMatchObject({ kind: 'assertion', words: 'it is seven' });
    expect(executor.state[0]).toBe(7);
  });

  it('tells what a finished run fails', async () => {
    const { violation } = replaySchedule(await compileModel(lostUpdate), { steps: [0, 1, 0, 1], choices: [] });
    expect(violation).toMatchObject({ kind: 'assertion', rule: 'all counted' });
  });

  it('tells a deadlock', async () => {
    const { violation } = replaySchedule(await compileModel(abba), { steps: [0, 1], choices: [] });
    expect(violation?.kind).toBe('deadlock');
  });

  it('finds nothing in a run that is all right, or that is not finished', async () => {
    const program = await compileModel(lostUpdate);
    for (const steps of [[0, 0, 1, 1], [0, 1], []]) {
      expect(replaySchedule(program, { steps, choices: [] })).toMatchObject({ violation: undefined, node: -1 });
    }
  });

  it('runs the kept calls alone when it is given them', async () => {
    const program = await compileModel(checkThenUse);
    const actors = keepCalls(program.actors, [[2], [2], []]);
    const { violation } = replaySchedule(program, { steps: [0, 1, 0], choices: [] }, actors);
    expect(violation?.kind).toBe('use-after-free');
  });

  const wrong = [
    [
      'an actor that waits',
      abba,
      [0, 1, 1],
      [],
      'step 3 of the schedule cannot be taken: right waits in take_ba for mutex_lock(a).',
    ],
    [
      'an actor that has finished',
      lostUpdate,
      [0, 0, 0],
      [],
      'step 3 of the schedule cannot be taken: teller0 has finished.',
    ],
    [
      'an actor that does not exist',
      lostUpdate,
      [0, 2],
      [],
      'step 2 of the schedule cannot be taken: there is no actor 2; there are 2.',
    ],
    [
      'a step after a violation',
      unlucky,
      [0, 0, 0, 1],
      [2, 1],
      'assertion in step 3 of 4 of the schedule; nothing follows that.',
    ],
    [
      'a choice that does not exist',
      unlucky,
      [0, 0],
      [3, 0],
      'step 1 of the schedule chooses 3; there are 3 outcomes.',
    ],
    ['too few choices', unlucky, [0, 0], [2], 'step 2 of the schedule chooses undefined; there are 2 outcomes.'],
    ['too many choices', unlucky, [0, 0], [2, 0, 1], 'the schedule holds 3 choices; its steps make 2.'],
  ] as const;
  it.each(wrong)('refuses %s', async (_, model, steps, choices, message) => {
    const program = await compileModel(model as typeof abba);
    expect(() => replaySchedule(program, { steps, choices })).toThrow(new InputError(`faultline: ${message}`));
  });
});
