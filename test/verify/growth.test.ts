/** Cells that grow as long as a search goes, and cells that do not. */
import { expect, it } from 'vitest';
import { choose, defineModel, here, verify } from '../../src/index.js';
import type { ModelBuilder } from '../../src/model/model-builder.js';

async function growingOf(build: (m: ModelBuilder) => void, maxStates: number) {
  const result = await verify(defineModel({ name: 'toy', build }), { maxStates, all: true, coverage: false });
  expect(result.stoppedBy).toBeDefined();
  return result.growing;
}

/** Two tasks on a lock whose tickets are never used again. */
function ticketLock(m: ModelBuilder, wraps?: number): void {
  const [next, owner, inside] = [m.cell('next_ticket'), m.cell('owner'), m.cell('inside')];
  const after = (ticket: number): number => (wraps === undefined ? ticket + 1 : (ticket + 1) % wraps);
  m.actors(
    'task',
    2,
    () =>
      function* lock() {
        const again = yield* here();
        const mine = yield* next.read();
        if (!(yield* next.cmpxchg(mine, after(mine)))) yield* again();
        yield* owner.waitUntil((ticket) => ticket === mine);
        yield* inside.add(1);
        yield* inside.add(-1);
        yield* owner.write(after(mine));
        yield* again();
      },
    { daemon: true },
  );
}

it('names the counters of a ticket lock, with what was seen, and not the word that goes up and down', async () => {
  const growing = await growingOf((m) => ticketLock(m), 400);
  expect(growing.map(({ cell }) => cell)).toEqual(['next_ticket', 'owner']);
  for (const { least, most } of growing) {
    expect(least).toBe(0);
    expect(most).toBeGreaterThanOrEqual(16);
  }
});

it('names a counter that goes down', async () => {
  const [only] = await growingOf((m) => {
    const credit = m.cell('credit');
    m.actor(
      'spender',
      function* spend() {
        const again = yield* here();
        yield* credit.add(-2);
        yield* again();
      },
      { daemon: true },
    );
  }, 60);
  expect(only).toMatchObject({ cell: 'credit', most: 0 });
  expect(only.least).toBeLessThan(-40);
});

it('says nothing of counters that wrap, and of large domains that are met at once', async () => {
  expect(
    await growingOf((m) => {
      ticketLock(m, 4);
      const clock = m.cell('clock');
      const drawn = m.cell('drawn');
      m.actors(
        'drawer',
        3,
        () =>
          function* draw() {
            for (let i = 0; i < 4; i++) {
              yield* drawn.write(yield* choose(40, 'which?'));
              yield* clock.write(i);
            }
          },
      );
    }, 3_000),
  ).toEqual([]);
});

it('says nothing of a search that came to its end', async () => {
  const model = defineModel({
    name: 'long',
    build(m) {
      const count = m.cell('count');
      m.actor('counter', function* upTo() {
        for (let i = 0; i < 60; i++) yield* count.add(1);
      });
    },
  });
  const { verdict, growing } = await verify(model);
  expect({ verdict, growing }).toEqual({ verdict: 'verified', growing: [] });
});
