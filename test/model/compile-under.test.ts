import { expect, it } from 'vitest';
import { CutOff, type WorkGuard } from '../../src/core/guard.js';
import { defineModel } from '../../src/index.js';
import { compileUnder } from '../../src/model/model.js';

const model = defineModel({
  name: 'one',
  build(m) {
    const x = m.cell('x');
    m.actor('writer', function* writes() {
      yield* x.write(1);
    });
  },
});

/** Cuts off the first pieces of work, and lets the others run. */
function cutting(reason: CutOff['reason'], count: number): WorkGuard {
  let left = count;
  return {
    run: (work) => {
      if (left-- > 0) throw new CutOff(reason, 400);
      return work();
    },
  };
}

it('a build into which Ctrl-C fell is built once more, and not to blame', async () => {
  const program = await compileUnder(model, cutting('interrupt', 1));
  expect(program.actors.map(({ name }) => name)).toEqual(['writer']);
});

it('a build that never comes back is named; interrupted, it stays an interrupt', async () => {
  await expect(compileUnder(model, cutting('patience', 2))).rejects.toThrow(/build of model "one" does not come back/);
  const interrupted = compileUnder(model, cutting('interrupt', 2));
  await expect(interrupted).rejects.toThrow(CutOff);
  await expect(interrupted).rejects.toMatchObject({ stuck: { message: expect.stringMatching(/does not come back/) } });
});
