import { expect, test } from 'vitest';
import { withoutWildcards } from '../../src/core/story/signature.js';
import { traceOf } from '../../src/core/story/trace.js';
import { call, compileModel, defineModel, type Model } from '../../src/index.js';
import { titleOf } from '../../src/report/title.js';
import { breakingTrace } from './random-run.js';
import { counter, folios, lockOrder } from './toy-models.js';

async function title(model: Model, steps: readonly number[], choices: readonly number[] = []) {
  const program = await compileModel(model);
  return titleOf(traceOf(program, program.actors, { steps, choices }));
}

test('a clean run has no title', async () => {
  expect(await title(counter, [0, 0, 1, 1])).toBeUndefined();
});

test('kind, function that broke it, function it conflicts with', async () => {
  expect(await title(counter, [0, 1, 0, 1])).toBe('BUG: faultline: assertion in deposit / deposit');
  const program = await compileModel(folios);
  expect(titleOf(breakingTrace(program, 'stale-mapping'))).toBe(
    'BUG: faultline: stale-mapping in kvm_tdp_mmu_map / kvm_gmem_punch_hole',
  );
});

test('a deadlock names the functions around the cycle', async () => {
  expect(await title(lockOrder, [0, 1, 2])).toBe(
    'BUG: faultline: deadlock in get_user_pages_fast / vm_munmap / kvm_gmem_fault_user_mapping',
  );
});

test('two tasks stuck in one function against each other name it twice', async () => {
  const model = defineModel({
    name: 'abba',
    build(m) {
      const locks = [m.mutex('A'), m.mutex('B')];
      m.actors(
        'task',
        2,
        (index) =>
          function* take() {
            yield* locks[index].lock();
            yield* locks[1 - index].lock();
          },
      );
    },
  });
  expect(await title(model, [0, 1])).toBe('BUG: faultline: deadlock in take / take');
});

test('one actor alone conflicts with nobody; a step in no function is named by its call, without numbers', async () => {
  const model = defineModel({
    name: 'alone',
    build(m) {
      const cell = m.cell('cell');
      m.always('never', [cell], (value) => value === 0, { kind: 'leak' });
      m.actor('task', [
        call('write gfn 12 to v2', function* write() {
          yield* cell.write(1);
        }),
      ]);
    },
  });
  expect(await title(model, [0])).toBe('BUG: faultline: leak in call write to v2');
});

test.each([
  ['host write gfn *', 'host write'],
  ['convert gfns *-* to shared', 'convert to shared'],
  ['deposit * coins', 'deposit coins'],
  ['step *', 'step'],
  ['task-*', 'task'],
  ['say "hello"', 'say hello'],
  ['livelock in write gfn *: i_pages[*]', 'livelock in write: i_pages'],
  ['leak in clears: clear_highpage(*)', 'leak in clears: clear_highpage()'],
  ['kvm_gmem_get_pfn', 'kvm_gmem_get_pfn'],
])('a title says %s without wildcards and quotes', (name, text) => {
  expect(withoutWildcards(name)).toBe(text);
});
