/** Cells that grow in schedules that are given up. */
import { expect, it } from 'vitest';
import { choose, defineModel, explore, here } from '../../src/index.js';

/** Two tasks that take tickets for ever, of which there are `wraps` if that is not 0; then they may have enough. */
const tickets = defineModel({
  name: 'tickets',
  parameters: { wraps: 0 },
  build(m, p) {
    const [next, inside] = [m.cell('next_ticket'), m.cell('inside')];
    m.actors(
      'task',
      2,
      () =>
        function* take() {
          const again = yield* here();
          yield* inside.add(1);
          const mine = yield* next.read();
          yield* next.write(p.wraps === 0 ? mine + 1 : (mine + 1) % p.wraps);
          yield* inside.add(-1);
          // So that it is no livelock.
          if (p.wraps !== 0 && (yield* choose(1_000, 'enough?')) === 0) return;
          yield* again();
        },
    );
  },
});

const options = { strategy: 'random', schedules: 300, stepBound: 400 } as const;

it('names the counter, with what was seen in all of them, and not the word that goes up and down', async () => {
  const { stats } = await explore(tickets, options);
  expect(stats.bounded).toBe(300);
  expect(stats.growing).toEqual([{ cell: 'next_ticket', least: 0, most: expect.any(Number) }]);
  expect(stats.growing[0].most).toBeGreaterThan(40);
});

it('says nothing of a counter that wraps', async () => {
  const { stats } = await explore(tickets.with({ wraps: 20 }), options);
  expect(stats.bounded).toBeGreaterThan(200);
  expect(stats.growing).toEqual([]);
});
