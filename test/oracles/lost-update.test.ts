/** N actors read x and write x + 1: every final value 1..N occurs (design/oracles.md, sixth row). */
import { describe, expect, it } from 'vitest';
import { enumerateSchedules } from '../../src/explore/enumerate.js';
import { compileModel, defineModel } from '../../src/index.js';

const increments = defineModel({
  name: 'increments',
  parameters: { actors: 2 },
  registers: 0,
  build(m, p) {
    const x = m.cell('x');
    m.actors(
      'actor',
      p.actors,
      () =>
        function* increment() {
          const seen = yield* x.read();
          yield* x.write(seen + 1);
        },
    );
  },
});

describe('N actors that read x and write x + 1', () => {
  it.each([1, 2, 3, 4])('end with every value 1..N, N = %i', async (actors) => {
    const program = await compileModel(increments.with({ actors }));
    const { outcomes } = enumerateSchedules(program, { outcomeOf: ({ state }) => String(state[0]) });
    expect(Object.keys(outcomes)).toEqual(Array.from({ length: actors }, (_, value) => String(value + 1)));
  });
});
