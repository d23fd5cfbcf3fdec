/** Sequential rounds have a local state for each history of results: a small space must not wait for all of them. */
import { expect, it } from 'vitest';
import { compileModel, defineModel, verify } from '../../src/index.js';
import { spaceOf } from './reference.js';

/** Tries a lock so many times, whatever comes of it, while somebody else takes it once. */
const rounds = defineModel({
  name: 'rounds',
  parameters: { count: 14, bound: 14 },
  build(m, { count, bound }) {
    const lock = m.mutex('lock');
    const got = m.cell('got');
    function* run() {
      for (let round = 0; round < count; round++) {
        if (!(yield* lock.trylock())) continue;
        yield* got.add(1);
        yield* lock.unlock();
      }
    }
    m.actor('trying', run);
    m.actor('other', function* other() {
      yield* lock.lock();
      yield* lock.unlock();
    });
    m.always('bounded', [got], (value) => value <= bound);
  },
});

it('a space of few states is searched as it is when its automata have very many', async () => {
  const result = await verify(rounds);
  expect(result.verdict).toBe('verified');
  expect(result.reductions.merge.reasons).toEqual(['the space is so small that it is searched as it is']);
  const space = spaceOf(await compileModel(rounds), 4_000);
  expect({ states: result.states, transitions: result.transitions }).toEqual({
    states: space?.states,
    transitions: space?.transitions,
  });
  // 3 ops a round that gets the lock, 1 that does not: 2^14 histories and more.
  expect(result.program.automaton.size).toBeLessThan(12_000);
});

it('finds what is broken in it', async () => {
  const { verdict, findings } = await verify(rounds.with({ bound: 13 }));
  expect(verdict).toBe('violation');
  expect(findings[0].steps).toBe(14 * 3 - 1);
});

it('is completed and merged where the automata are small enough', async () => {
  const { reductions } = await verify(rounds.with({ count: 5 }));
  expect(reductions.merge.used).toBe(true);
});
