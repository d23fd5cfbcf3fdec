import { expect, it } from 'vitest';
import { call, defineModel } from '../../src/index.js';
import { COUNTERS, Counter, SharedMemory } from '../../src/live/shared-memory.js';
import { Stillness } from '../../src/live/stillness.js';
import { compileModel } from '../../src/model/model.js';

async function still() {
  const model = defineModel({
    name: 'two',
    build(m) {
      const cell = m.cell('cell');
      function* touch() {
        yield* cell.add(1);
      }
      m.actors('toucher', 2, () => [call('touch', touch), call('touch', touch)]);
    },
  });
  const memory = new SharedMemory(await compileModel(model), 1);
  memory.resetWorld(1);
  const stillness = new Stillness(memory);
  const goOn = (actor: number, calls: number) => {
    memory.counters[actor * COUNTERS + Counter.Calls] += calls;
  };
  return { memory, stillness, goOn };
}

it('a world is still when every actor went through its script and no word changed', async () => {
  const { stillness, goOn } = await still();
  goOn(0, 100);
  expect(stillness.look()).toBe(false);
  goOn(1, 3);
  expect(stillness.look()).toBe(false);
  goOn(1, 1);
  expect(stillness.look()).toBe(true);
});

it('a word that changed starts the count anew', async () => {
  const { memory, stillness, goOn } = await still();
  memory.model[0]++;
  goOn(0, 10);
  goOn(1, 10);
  expect(stillness.look()).toBe(false);
  expect(stillness.look()).toBe(false);
  goOn(0, 10);
  goOn(1, 10);
  expect(stillness.look()).toBe(true);
});

it('a new epoch starts the count anew', async () => {
  const { stillness, goOn } = await still();
  goOn(0, 10);
  goOn(1, 10);
  stillness.begin();
  expect(stillness.look()).toBe(false);
});
