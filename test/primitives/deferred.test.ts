/** Deferred work: every item is run once, in order; the worker may wait for ever. */
import { expect, it } from 'vitest';
import type { Ref } from '../../src/core/ops/ref.js';
import { call } from '../../src/core/program/program-builder.js';
import { Executor } from '../../src/core/run/executor.js';
import { answersOf, cellValue, endsOf, programOf, runnableOf, stepAll } from '../core/every-run.js';

it('runs every item once', async () => {
  const program = await programOf((m) => {
    const items = m.domain('item', 3);
    const runs = m.cells('runs', 3);
    const work = m.deferred('worker', items, function* run(item) {
      yield* runs.at(item).add(1);
    });
    m.finally('once each', [runs.at(0), runs.at(1), runs.at(2)], (...counts) => counts.every((count) => count === 1));
    const defer = (item: Ref) => work.defer(item);
    m.actor('first', [call('defer', defer, items.id(0)), call('defer', defer, items.id(1))]);
    m.actor('second', [call('defer', defer, items.id(2))]);
  });
  expect(Object.keys(endsOf(program))).toEqual(['complete']);
});

it('runs the items of one actor in the order in which they were deferred, however full the queue is', async () => {
  let log = { region: { base: 0 } };
  const program = await programOf((m) => {
    const items = m.domain('item', 4);
    const order = m.cell('order');
    log = order;
    const work = m.deferred('worker', items, function* run(item) {
      for (let i = 0; i < 4; i++) {
        if (yield* compareTo(item, i)) yield* order.apply(`then ${i}`, 'none', { next: (value) => value * 10 + i + 1 });
      }
    });
    const names = m.cells('names', 4, { refTo: items });
    names.at(0);
    function compareTo(item: Ref, i: number) {
      return names.at(i).equals(item);
    }
    m.actor('task', [
      ...[0, 1, 2, 3].map((i) =>
        call(
          'name',
          function* name(item: Ref) {
            yield* names.at(i).write(item);
          },
          items.id(i),
        ),
      ),
      ...[0, 1, 2, 3].map((i) => call('defer', (item: Ref) => work.defer(item), items.id(i))),
    ]);
  });
  expect(answersOf(program, (executor) => cellValue(executor, log))).toEqual([1234]);
});

it('items of two actors come in either order', async () => {
  let log = { region: { base: 0 } };
  const program = await programOf((m) => {
    const items = m.domain('item', 2);
    const order = m.cells('order', 2);
    const turn = m.cell('turn');
    log = order.at(1);
    const work = m.deferred('worker', items, function* run(item) {
      yield* order.at(item).write(yield* turn.fetchAdd(1));
    });
    m.actor('first', [call('defer', (item: Ref) => work.defer(item), items.id(0))]);
    m.actor('second', [call('defer', (item: Ref) => work.defer(item), items.id(1))]);
  });
  expect(answersOf(program, (executor) => cellValue(executor, { ...log, index: 1 }))).toEqual([0, 1]);
});

it('a worker that waits is no deadlock, even when nobody ever defers', async () => {
  const program = await programOf((m) => {
    const items = m.domain('item', 1);
    const cell = m.cell('cell');
    m.deferred('worker', items, function* run() {});
    m.actor('task', function* idles() {
      yield* cell.write(1);
    });
  });
  expect(endsOf(program)).toEqual({ complete: 1 });
});

it('the worker waits until there is an item', async () => {
  const program = await programOf((m) => {
    const items = m.domain('item', 1);
    const cell = m.cell('cell');
    const work = m.deferred('worker', items, function* run() {
      yield* cell.write(1);
    });
    m.actor('task', [call('defer', (item: Ref) => work.defer(item), items.id(0))]);
  });
  const executor = new Executor(program);
  expect(runnableOf(executor)).toEqual([1]);
  stepAll(executor, [1]);
  expect(runnableOf(executor)).toEqual([0]);
});

it('more items than the queue holds stop the model with a sentence that says so', async () => {
  const program = await programOf((m) => {
    const items = m.domain('item', 3);
    const cell = m.cell('cell');
    const work = m.deferred(
      'worker',
      items,
      function* run() {
        yield* cell.write(1);
      },
      { capacity: 2 },
    );
    m.actor(
      'task',
      [0, 1, 2].map((i) => call('defer', (item: Ref) => work.defer(item), items.id(i))),
    );
  });
  const executor = new Executor(program);
  stepAll(executor, [1, 1]);
  expect(() => executor.step(1)).toThrow('worker has more than 2 items queued; raise its capacity');
});
