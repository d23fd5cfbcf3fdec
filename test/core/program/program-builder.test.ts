/** The builder refuses sizes that no engine could hold, before it makes room for them. */
import { expect, it } from 'vitest';
import { programOf } from '../every-run.js';

it('a hundred million actors', async () => {
  const made = programOf((m) => m.actors('task', 10 ** 8, () => function* task() {}));
  await expect(made).rejects.toThrow(
    'actors("task") are 100000000; a number of them is a whole one, at least 0 and at most 65536',
  );
});

it('a million registers', async () => {
  const made = programOf((m) => m.actor('task', function* task() {}), 10 ** 6);
  await expect(made).rejects.toThrow(
    'model test allows registers: 1000000; a number of them is a whole one, at least 0 and at most 1024',
  );
});
