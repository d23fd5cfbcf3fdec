import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/core/errors.js';
import { isAllocationFailure, MemoryBudget, OutOfMemory } from '../../src/space/memory-budget.js';
import { StateTable } from '../../src/space/state-table.js';
import { SharedTable } from '../../src/verify/shared-table.js';
import { verify } from '../../src/verify/verify.js';
import { preparedness } from '../oracles/preparedness.js';

describe('a budget of memory', () => {
  it('gives what fits beside all that is held', () => {
    const budget = new MemoryBudget(100);
    budget.add({ bytes: 60 });
    expect(budget.take(40, () => 'made')).toBe('made');
    expect(() => budget.take(41, () => 'made')).toThrow(new OutOfMemory('the bound of 100 bytes of memory'));
  });

  it('tells a failed allocation as what it is', () => {
    const budget = new MemoryBudget();
    expect(() => budget.take(2 ** 52, () => new Int32Array(2 ** 50))).toThrow(OutOfMemory);
    expect(() => budget.take(8, () => new Int32Array(-1))).toThrow(OutOfMemory);
    expect(() =>
      budget.take(8, () => {
        throw new InputError('another');
      }),
    ).toThrow(InputError);
    expect(isAllocationFailure(new RangeError('Array buffer allocation failed'))).toBe(true);
    expect(isAllocationFailure(new RangeError('Maximum call stack size exceeded'))).toBe(false);
  });
});

it('a table that cannot grow is as it was', () => {
  const table = new StateTable(2, new MemoryBudget(12_000));
  const state = new Int32Array(2);
  let added = 0;
  expect(() => {
    for (; added < 100_000; added++) {
      state[0] = added;
      table.add(state, 0, -1);
    }
  }).toThrow(OutOfMemory);
  expect(added).toBeGreaterThan(400);
  expect(table.size).toBe(added);
  for (let i = 0; i < added; i++) {
    state[0] = i;
    expect(table.find(state, 0)).toBe(i);
  }
});

it('a search ends at its bound of memory, which its stores never pass', async () => {
  let most = 0;
  const maxMemoryBytes = 3_000_000;
  const { verdict, stoppedBy, states } = await verify(preparedness.with({ faults: 5 }), {
    ...{ maxMemoryBytes, all: true, symmetry: false, por: false, coverage: false },
    onProgress: ({ memoryBytes }) => {
      most = Math.max(most, memoryBytes);
    },
  });
  expect(stoppedBy).toBe('the bound of 3000000 bytes of memory');
  expect(states).toBeGreaterThan(10_000);
  expect(most).toBeLessThanOrEqual(maxMemoryBytes);
  expect(['inconclusive', 'violation']).toContain(verdict);
});

it('a shared table asks before it takes over, and before it grows', () => {
  const table = new StateTable(1);
  for (let i = 0; i < 2_000; i++) table.add(Int32Array.of(i), 0, -1);
  expect(() => SharedTable.of(table, new MemoryBudget(10_000))).toThrow(OutOfMemory);
  const shared = SharedTable.of(table, new MemoryBudget(200_000));
  expect(() => shared.reserve(1_000_000)).toThrow(OutOfMemory);
  expect(shared.find(Int32Array.of(1_999), 0)).toBe(1_999);
});
