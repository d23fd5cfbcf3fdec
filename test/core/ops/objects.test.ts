/** Objects under a machine: tests, events, claims, and the errors of asking for what there is not. */
import { describe, expect, it } from 'vitest';
import { rmpMachine } from '../../../machines/rmp.js';
import type { ObjectArray } from '../../../src/core/ops/objects.js';
import type { Ref } from '../../../src/core/ops/ref.js';
import { call } from '../../../src/core/program/program-builder.js';
import { Executor } from '../../../src/core/run/executor.js';
import { StepFlag } from '../../../src/core/run/step-flag.js';
import { programOf, stepAll } from '../every-run.js';

/** Declares `count` RMP entries and does something with them that must be refused. */
async function refusal(use: (entries: ObjectArray) => unknown): Promise<void> {
  await programOf((m) => void use(m.objects('rmp', rmpMachine, 3)));
}

describe('what there is not is refused by name', () => {
  it.each<[string, (entries: ObjectArray) => unknown, string]>([
    ['a tag', (entries) => entries.at(0).is('prepared'), 'machine rmp has no tag "prepared"; its tags are assigned'],
    ['an event', (entries) => entries.at(0).send('BOIL'), 'machine rmp has no event "BOIL"; its events are ALLOCATE, '],
    ['a tag to claim by', (entries) => entries.claim('free', 'ASSIGN'), 'machine rmp has no tag "free"'],
    ['an event to claim with', (entries) => entries.claim('assigned', 'BOIL'), 'machine rmp has no event "BOIL"'],
    ['an object', (entries) => entries.at(3), 'rmp[3] does not exist; rmp has 3 cells'],
    ['an object before the first', (entries) => entries.at(-1), 'rmp[-1] does not exist; rmp has 3 cells'],
    ['an identity', (entries) => entries.id(3), 'rmp 3 does not exist; there are 3'],
  ])('%s', async (_, use, message) => {
    await expect(refusal(use)).rejects.toThrow(message);
  });
});

describe('an object', () => {
  it('takes events and is asked for tags, by position, identity or ref', async () => {
    const program = await programOf((m) => {
      const entries = m.objects('rmp', rmpMachine, 3);
      m.actor('task', [
        call(
          'task',
          function* task(entry: Ref) {
            yield* entries.at(entry).send('ASSIGN');
            const answers = [
              yield* entries.at(0).is('assigned'),
              yield* entries.at(entries.id(1)).is('assigned'),
              yield* entries.at(entry).is('assigned'),
            ];
            yield* entries.at(entry).send('UNASSIGN');
            answers.push(yield* entries.at(entry).is('assigned'));
            return answers.reduce((bits, answer) => bits * 2 + (answer ? 1 : 0), 0);
          },
          entries.id(2),
        ),
      ]);
    });
    const executor = new Executor(program);
    for (let run = 0; run < 2; run++) {
      executor.reset();
      while (executor.runnableCount > 0) executor.step(0);
      expect(executor.resultOf(0, 0)).toBe(0b0010);
    }
  });

  it('refuses an event with the kind, the words and the state of its machine, and stays as it is', async () => {
    const program = await programOf((m) => {
      const entries = m.objects('rmp', rmpMachine, 1, { events: ['ASSIGN'] });
      m.actor('task', function* task() {
        yield* entries.at(0).send('ASSIGN');
      });
    });
    const executor = new Executor(program);
    const before = executor.state.slice();
    expect(stepAll(executor, [0])).toBe(StepFlag.Violation);
    expect(executor.violation).toMatchObject({ kind: 'double-prepare', rule: expect.stringMatching(/^rmp /) });
    expect(executor.violation?.words).not.toBe('');
    expect(executor.state).toEqual(before);
  });
});

describe('a claim', () => {
  it('takes the first object with the tag, and null when none has it', async () => {
    const program = await programOf((m) => {
      const entries = m.objects('rmp', rmpMachine, 3, { events: ['ASSIGN'] });
      const taken = m.cells('taken', 3);
      const claim = call('claim', function* claim() {
        const found = yield* entries.claim('assigned', 'UNASSIGN');
        if (found === null) return false;
        yield* taken.at(found).add(1);
        return true;
      });
      m.actor('first', [claim, claim]);
      m.actor('second', [claim, claim]);
    });
    const executor = new Executor(program);
    while (executor.runnableCount > 0) executor.step(executor.runnable[executor.runnableCount - 1]);
    expect([...executor.state.subarray(3, 6)]).toEqual([1, 1, 1]);
    expect([executor.resultOf(0, 1), executor.resultOf(1, 1)]).toEqual([0, 1]);
  });

  it('with an event that the object refuses is a finding', async () => {
    const program = await programOf((m) => {
      const entries = m.objects('rmp', rmpMachine, 1, { events: ['ASSIGN'] });
      m.actor('task', function* task() {
        yield* entries.claim('assigned', 'FREE');
      });
    });
    const executor = new Executor(program);
    expect(stepAll(executor, [0])).toBe(StepFlag.Violation);
    expect(executor.violation?.kind).toBe('free-while-assigned');
  });
});

describe('an event that follows a ref', () => {
  it('reaches the object that the cell points to in the same step, if there is one', async () => {
    const program = await programOf((m) => {
      const entries = m.objects('rmp', rmpMachine, 2);
      const pointer = m.cells('pointer', 1, { refTo: entries });
      m.actor('task', function* task() {
        const before = yield* entries.follow(pointer.at(0), 'ASSIGN');
        yield* pointer.at(0).write(entries.id(1));
        const behind = yield* entries.follow(pointer.at(0), 'ASSIGN');
        const first = yield* entries.at(0).is('assigned');
        const second = yield* entries.at(1).is('assigned');
        return [before, behind, first, second].reduce((bits, bit) => bits * 2 + (bit ? 1 : 0), 0);
      });
    });
    const executor = new Executor(program);
    stepAll(executor, [0, 0, 0, 0, 0]);
    expect(executor.resultOf(0, 0)).toBe(0b0101);
  });

  it('is a finding when that object refuses it', async () => {
    const program = await programOf((m) => {
      const entries = m.objects('rmp', rmpMachine, 1, { events: ['ASSIGN'] });
      const pointer = m.cells('pointer', 1, { refTo: entries });
      m.actor('task', function* task() {
        yield* pointer.at(0).write(entries.id(0));
        yield* entries.follow(pointer.at(0), 'ASSIGN');
      });
    });
    const executor = new Executor(program);
    expect(stepAll(executor, [0, 0])).toBe(StepFlag.Violation);
    expect(executor.violation?.kind).toBe('double-prepare');
  });
});

it('objects that start after an event their machine refuses are refused', async () => {
  const program = programOf((m) => m.objects('rmp', rmpMachine, 1, { events: ['ASSIGN', 'ASSIGN'] }));
  await expect(program).rejects.toThrow('rmp cannot start with ASSIGN: the machine refuses it (double-prepare)');
});

it('objects that start with an unknown event are refused', async () => {
  const program = programOf((m) => m.objects('rmp', rmpMachine, 1, { events: ['BOIL'] }));
  await expect(program).rejects.toThrow('machine rmp has no event "BOIL"');
});
