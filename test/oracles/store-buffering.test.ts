/** Store buffering, sequentially consistent: 6 interleavings, r1 = r2 = 0 in none (design/oracles.md, last row). */
import { expect, it } from 'vitest';
import { enumerateSchedules } from '../../src/explore/enumerate.js';
import { compileModel, defineModel } from '../../src/index.js';

/** x = 1; r1 = y against y = 1; r2 = x. */
const storeBuffering = defineModel({
  name: 'store-buffering',
  registers: 0,
  build(m) {
    const x = m.cell('x');
    const y = m.cell('y');
    for (const [mine, other] of [
      [x, y],
      [y, x],
    ] as const) {
      m.actor(mine === x ? 'left' : 'right', function* storeThenLoad() {
        yield* mine.write(1);
        return yield* other.read();
      });
    }
  },
});

it('store buffering has 6 interleavings, and r1 = r2 = 0 in none', async () => {
  const { completed, outcomes } = enumerateSchedules(await compileModel(storeBuffering), {
    outcomeOf: (executor) => `r1=${executor.resultOf(0, 0)} r2=${executor.resultOf(1, 0)}`,
  });
  expect(completed).toBe(6);
  expect(Object.keys(outcomes)).toEqual(['r1=0 r2=1', 'r1=1 r2=0', 'r1=1 r2=1']);
});
