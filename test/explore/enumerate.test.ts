import { describe, expect, it } from 'vitest';
import { enumerateSchedules } from '../../src/explore/enumerate.js';
import { atomic, choose, compileModel, defineModel, here } from '../../src/index.js';
import { checkThenUse, lostUpdate, unlucky } from './toys.js';

describe('enumerateSchedules', () => {
  it('takes each answer of the environment as a branch', async () => {
    const model = defineModel({
      name: 'answers',
      build(m) {
        const x = m.cell('x');
        m.actor('asker', function* ask() {
          const first = yield* choose(3, 'first');
          const second = yield* choose(2, 'second');
          yield* x.write(first * 10 + second);
        });
      },
    });
    const { completed, outcomes } = enumerateSchedules(await compileModel(model), {
      outcomeOf: ({ state }) => String(state[0]),
    });
    expect(completed).toBe(6);
    expect(outcomes).toEqual({ 0: 1, 1: 1, 10: 1, 11: 1, 20: 1, 21: 1 });
  });

  it('counts a run that breaks something, once, and goes on', async () => {
    // 4 of 6 interleavings lose a deposit, and every one of them is completed.
    const lost = enumerateSchedules(await compileModel(lostUpdate));
    expect(lost).toMatchObject({ maximal: 6, completed: 6, violating: 4, stopped: 0 });
    // The third step of `draw` breaks in one of six ways to answer; the other actor's step lies in any of four places.
    const drawn = enumerateSchedules(await compileModel(unlucky));
    expect(drawn).toMatchObject({ maximal: 6 * 4, completed: 6 * 4, violating: 4 });
  });

  it('does not take a branch for broken because the one before it was', async () => {
    const model = checkThenUse.with({ noise: 0 });
    const { violating, outcomes } = enumerateSchedules(await compileModel(model), {
      outcomeOf: (_, violated) => String(violated),
    });
    // The freer comes before the check (the user leaves then), between check and use, before the count, or last.
    expect(outcomes).toEqual({ false: 3, true: 1 });
    expect(violating).toBe(1);
  });

  it('stops a run at an op that was refused, be it in the midst of an atomic section', async () => {
    const model = defineModel({
      name: 'refused',
      parameters: { section: false },
      build(m, p) {
        const lock = m.mutex('lock');
        const x = m.cell('x');
        m.actor('misuser', function* misuse() {
          if (p.section) {
            yield* atomic('section', function* () {
              yield* x.add(1);
              yield* lock.unlock();
              yield* x.add(1);
            });
          } else yield* lock.unlock();
          yield* x.add(1);
        });
        m.actor('other', function* other() {
          yield* x.add(1);
        });
      },
    });
    for (const section of [false, true]) {
      const found = enumerateSchedules(await compileModel(model.with({ section })));
      expect(found).toMatchObject({ maximal: 2, stopped: 2, violating: 2, completed: 0 });
    }
  });

  it('gives up runs at the step bound and counts them', async () => {
    const model = defineModel({
      name: 'loop',
      build(m) {
        const flag = m.cell('flag');
        m.actor('waiter', function* wait() {
          const again = yield* here();
          if ((yield* flag.read()) === 0) return yield* again();
        });
        m.actor('setter', function* set() {
          yield* flag.write(1);
        });
      },
    });
    // Five steps are enough when the setter comes after 0 to 3 rounds; after 4 a step is missing, as it is without it.
    const found = enumerateSchedules(await compileModel(model), { stepBound: 5 });
    expect(found).toMatchObject({ completed: 4, exhaustive: true });
    expect(found.bounded).toBe(2);
  });

  it('stops at its limit and says so', async () => {
    const program = await compileModel(lostUpdate.with({ tellers: 3 }));
    const all = enumerateSchedules(program);
    expect(all).toMatchObject({ maximal: 90, exhaustive: true });
    expect(enumerateSchedules(program, { limit: 89 })).toMatchObject({ maximal: 89, exhaustive: false });
  });

  it('counts final states of completed runs', async () => {
    const { finalStates } = enumerateSchedules(await compileModel(lostUpdate.with({ tellers: 3 })));
    expect(finalStates).toBe(3);
  });
});
