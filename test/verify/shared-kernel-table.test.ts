/** The table that the kernels of several threads share, here by one thread under several hats. */
import { expect, it } from 'vitest';
import { HOLE } from '../../src/kernels/search-words.js';
import { MemoryBudget, OutOfMemory } from '../../src/space/memory-budget.js';
import { StateTable } from '../../src/space/state-table.js';
import { SharedKernelTable } from '../../src/verify/shared-kernel-table.js';
import { SharedTable, TableControl } from '../../src/verify/shared-table.js';

const WIDTH = 2;

function small(states: number, budget?: MemoryBudget): StateTable {
  const table = new StateTable(WIDTH, budget);
  for (let state = 0; state < states; state++) table.add(Int32Array.of(state, -state), 0, state - 1);
  return table;
}

/** Adds the states of these numbers, each twice, in batches of what fits. */
function add(table: SharedKernelTable, numbers: readonly number[]): void {
  const { batch } = table;
  const buffer = batch.bufferOf(WIDTH);
  for (let first = 0; first < numbers.length; first += 400) {
    const some = numbers.slice(first, first + 400);
    [...some, ...some].forEach((number, place) => {
      buffer.set([number, -number], place * WIDTH);
      batch.parents[place] = 0;
    });
    table.addBatch(buffer, some.length * 2, batch.parents);
  }
}

function range(first: number, end: number): number[] {
  return Array.from({ length: end - first }, (_, place) => first + place);
}

it('keeps each state once, whoever adds it, and gives up places that hold none', () => {
  const main = SharedKernelTable.of(small(10), new MemoryBudget(), 2)!;
  const threads = [1, 2].map((area) => SharedKernelTable.over(main.memory, area));
  add(threads[0], range(0, 3_000));
  add(threads[1], range(2_000, 5_000));
  for (const thread of threads) thread.endLevel();
  const packed = new Int32Array(WIDTH);
  const places = range(0, 5_000).map((number) => {
    packed.set([number, -number]);
    return main.find(packed, 0);
  });
  expect(new Set(places).size).toBe(5_000);
  expect(Math.min(...places)).toBe(0);
  const holes = range(0, main.size).filter((place) => main.parents[place] === HOLE);
  expect(holes).toHaveLength(main.size - 5_000);
  expect(places.every((place) => main.parents[place] !== HOLE)).toBe(true);
});

it('puts aside what finds no room, and the main thread adds it once there is some', () => {
  const main = SharedKernelTable.of(small(10), new MemoryBudget(), 1)!;
  const thread = SharedKernelTable.over(main.memory, 1);
  add(thread, range(0, 50_000));
  expect(thread.putAside.length).toBeGreaterThan(0);
  thread.endLevel();
  main.reserve(60_000);
  const { putAside } = thread;
  const rows = Int32Array.from(putAside);
  for (let at = 0; at < rows.length; at += WIDTH + 1)
    main.addBatch(rows.subarray(at, at + WIDTH), 1, rows.subarray(at + WIDTH, at + WIDTH + 1));
  main.endLevel();
  expect(main.putAside).toEqual([]);
  const packed = new Int32Array(WIDTH);
  for (let number = 0; number < 50_000; number++) {
    packed.set([number, -number]);
    if (main.find(packed, 0) < 0) expect.fail(`the state ${number} is lost`);
  }
  const states = range(0, main.size).filter((place) => main.parents[place] !== HOLE);
  expect(states).toHaveLength(50_000);
});

it('loses nothing when the main thread finds no room: it says so', () => {
  const main = SharedKernelTable.of(small(10), new MemoryBudget(), 1)!;
  // As many places as there are slots for are given out.
  Atomics.store(main.control, TableControl.Places, 1 << 30);
  expect(() => add(main, range(10, 600))).toThrow(OutOfMemory);
});

it.each([
  ['kernels', (store: StateTable, budget: MemoryBudget) => SharedKernelTable.of(store, budget, 1)!],
  ['threads without', (store: StateTable, budget: MemoryBudget) => SharedTable.of(store, budget)],
])('takes the place of the table that it replaces in the budget, for %s', (_, tableOf) => {
  const most = 10_000_000;
  const budget = new MemoryBudget(most);
  const main = tableOf(small(10_000, budget), budget);
  expect(() => budget.ask(most - main.bytes)).not.toThrow();
  expect(() => budget.ask(most - main.bytes + 1)).toThrow(OutOfMemory);
});

it('does not grow beyond the bound of memory', () => {
  const main = SharedKernelTable.of(small(10), new MemoryBudget(400_000), 1)!;
  expect(() => main.reserve(1_000_000)).toThrow(OutOfMemory);
});
