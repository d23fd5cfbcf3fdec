/** What a story shows of sections, of actors that only stand by, and of three actors with long names. */
import { expect, test } from 'vitest';
import { keepCalls } from '../../src/core/story/kept-calls.js';
import { traceOf } from '../../src/core/story/trace.js';
import { atomic, defineModel, type Model, verify, within } from '../../src/index.js';
import { columnsOf } from '../../src/report/columns.js';
import { atomicsWait, skipQueue, wakeQueue } from './story-models.js';

/** The story of the first finding of verify. */
async function story(model: Model, unfold: 'broken' | 'all' = 'broken'): Promise<string> {
  const { findings, program } = await verify(model);
  const [{ kept, schedule }] = findings;
  return columnsOf(traceOf(program, keepCalls(program.actors, kept), schedule), { unfold });
}

const partOf = (text: string): string[] => text.split('\n').slice(0, text.split('\n').indexOf(''));

test('the section to blame is shown op by op, others by their names', async () => {
  expect(partOf(await story(skipQueue))).toEqual([
    'user',
    '----',
    'run(task 1)',
    'run(task 2)',
    'run(task 3)',
    'abort(task 2)',
    'abort(task 1)',
    '  aborted[0] = 1',
    '  finished[0] = 1',
    '  running -> 1',
    '  running = 0',
    '  queued[0] -> 0',
    '  queued[1] -> 1',
    '  queued[1] = 0',
    '  aborted[1] -> 1',
  ]);
});

test('all sections are shown op by op where that is asked for', async () => {
  const lines = partOf(await story(skipQueue, 'all'));
  expect(lines.slice(2, 8)).toEqual([
    'run(task 1)',
    '  running -> 0',
    '  running = 1',
    'run(task 2)',
    '  running -> 1',
    '  queued[1] = 1',
  ]);
  expect(lines).toHaveLength(24);
});

test('functions inside a section are named, and what broke is marked at its last op', async () => {
  const model = defineModel({
    name: 'nested',
    build(m) {
      const [left, right] = [m.cell('left'), m.cell('right')];
      m.actor('A', function* a() {
        yield* within('outer', '', function* () {
          yield* atomic('both', function* () {
            yield* left.write(1);
            yield* within('inner', '', function* () {
              yield* right.write(2);
            });
          });
        });
      });
      m.always('small', [right], (value) => value < 2 || 'too large');
    },
  });
  expect(partOf(await story(model))).toEqual([
    'A (a)',
    '-----',
    'outer()',
    '  both',
    '    left = 1',
    '    inner()',
    '      right = 2 *** assertion ***',
  ]);
});

test('a section whose one op has its name is not shown twice', async () => {
  const model = defineModel({
    name: 'single',
    build(m) {
      const cell = m.cell('cell');
      m.actor('A', function* a() {
        yield* atomic('cell = 2', function* () {
          yield* cell.write(2);
        });
      });
      m.always('small', [cell], (value) => value < 2 || 'too large');
    },
  });
  expect(partOf(await story(model, 'all'))).toEqual(['A (a)', '-----', 'cell = 2 *** assertion ***']);
});

test('actors that a deadlock does not depend on have no column', async () => {
  const text = await story(atomicsWait);
  expect(text.slice(0, text.indexOf(' *** DEADLOCK ***'))).toBe(`\
waiter0 (wait)           notifier (notify)
--------------           -----------------
ta[0] -> 0
                         ta[0] = 1
                         mutex_lock(list_lock)
                         queued[0] -> 0
                         queued[1] -> 0
                         queued[2] -> 0
                         queued[3] -> 0
                         mutex_unlock(list_lock)
mutex_lock(list_lock)
queued[0] = 1
mutex_unlock(list_lock)
sleep

Not shown, because the end does not depend on them:
  waiter1, waiter2, waiter3: ta[0] -> 1

`);
});

test('three columns fit into 75 characters, and no name of an actor is cut', async () => {
  const lines = partOf(await story(wakeQueue));
  expect(lines).toEqual([
    'reader                    other (wake_up_q)        rwsem_waker',
    '(rwsem_down_read_failed)                           (rwsem_mark_wake)',
    '------------------------  -----------------        -----------------',
    '                                                   cmpxchg(reader->wake_q.',
    '                                                       next, 0, 1) -> false',
    '                          reader->wake_q.next = 0',
    '                          wake_up_process(reader)',
    'set_current_state(',
    '  TASK_UNINTERRUPTIBLE)',
    'waiter->task -> 1',
    '                                                   smp_store_release(',
    '                                                       &waiter->task, NULL)',
    'schedule()',
  ]);
});
