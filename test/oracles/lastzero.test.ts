/** lastzero(5): 3,487,880 interleavings (design/oracles.md, fifth row). */
import { expect, it } from 'vitest';
import { enumerateSchedules } from '../../src/explore/enumerate.js';
import { compileModel } from '../../src/index.js';
import { lastZero } from './lastzero.js';

it('lastzero(5) has 3,487,880 interleavings', async () => {
  const { completed, deadlocked, exhaustive } = enumerateSchedules(await compileModel(lastZero));
  expect({ completed, deadlocked, exhaustive }).toEqual({ completed: 3_487_880, deadlocked: 0, exhaustive: true });
});
