/** Steps that cannot race, which are run before anybody is asked who goes on. */
import { expect, it } from 'vitest';
import { Random } from '../../src/core/random.js';
import { profileOf } from '../../src/explore/profile.js';
import { RandomWalk } from '../../src/explore/random-walk.js';
import { Runner } from '../../src/explore/runner.js';
import { compileModel, defineModel } from '../../src/index.js';

/** Rounds of a step that may race and one that cannot: more of these in all than are run at once in a row. */
const rounds = defineModel({
  name: 'rounds',
  build(m) {
    const shared = m.cell('shared');
    const own = m.cells('own', 2);
    m.actors('task', 2, (task) => {
      return function* goes() {
        for (let round = 0; round < 250; round++) {
          yield* shared.write(task);
          yield* own.at(task).write(round % 2);
        }
      };
    });
  },
});

it('a schedule does not depend on those that were run before it', async () => {
  const program = await compileModel(rounds);
  const { racing } = profileOf(program, 2_000);
  const newRunner = () => new Runner(program, new RandomWalk(), 2_000, racing);
  const runOn = (runner: Runner, stream: number) => {
    runner.newBlock();
    runner.run(new Random(1n, stream));
    return runner.schedule().steps;
  };
  const used = newRunner();
  runOn(used, 0);
  expect(runOn(used, 1)).toEqual(runOn(newRunner(), 1));
});
