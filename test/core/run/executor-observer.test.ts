import { expect, test } from 'vitest';
import { Executor } from '../../../src/core/run/executor.js';
import { StepFlag } from '../../../src/core/run/step-flag.js';
import { compileModel, defineModel } from '../../../src/model/model.js';

test('a violation that was watched does not outlive the run when the watching ends', async () => {
  const model = defineModel({
    name: 'one too many',
    build(m) {
      const cell = m.cell('cell');
      m.actor('a', function* () {
        yield* cell.add(1);
        yield* cell.add(1);
      });
      m.always('at most one', [cell], (value) => value <= 1 || 'two');
    },
  });
  const executor = new Executor(await compileModel(model));
  executor.reset();
  executor.observer = () => {};
  executor.step(0);
  expect(executor.step(0) & StepFlag.Violation).toBe(StepFlag.Violation);
  executor.observer = undefined;

  executor.reset();

  expect(executor.violation).toBeUndefined();
  expect(executor.step(0) & StepFlag.Violation).toBe(0);
});
