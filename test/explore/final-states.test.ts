import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Executor } from '../../src/core/run/executor.js';
import { FinalStateHash, FinalStates } from '../../src/explore/final-states.js';
import { compileModel, defineModel } from '../../src/index.js';

const hashes = fc.array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -2, max: 2 })), { maxLength: 200 });

/** Counts what a table should count, with a map. */
function expected(states: readonly (readonly [number, number])[]): { distinct: number; singletons: number } {
  const counts = new Map<string, number>();
  for (const state of states) counts.set(state.join(), (counts.get(state.join()) ?? 0) + 1);
  return { distinct: counts.size, singletons: [...counts.values()].filter((count) => count === 1).length };
}

describe('FinalStates', () => {
  it('counts different states, and those that came once', () => {
    fc.assert(
      fc.property(hashes, (states) => {
        const table = new FinalStates();
        for (const [low, high] of states) table.add(low, high, 1);
        expect({ distinct: table.distinct, singletons: table.singletons }).toEqual(expected(states));
        expect(table.capped).toBe(false);
      }),
    );
  });

  it('tells states apart by the high half alone, and grows', () => {
    const table = new FinalStates();
    for (let high = 0; high < 5_000; high++) table.add(7, high, 1);
    for (let high = 0; high < 1_000; high++) table.add(7, high, 1);
    expect({ distinct: table.distinct, singletons: table.singletons }).toEqual({ distinct: 5_000, singletons: 4_000 });
  });

  it('merges to the same, wherever the states are cut, a full table included', () => {
    fc.assert(
      fc.property(hashes, fc.nat(200), fc.integer({ min: 1, max: 12 }), (states, cut, cap) => {
        const whole = new FinalStates(cap);
        for (const [low, high] of states) whole.add(low, high, 1);
        const merged = new FinalStates(cap);
        for (const part of [states.slice(0, cut), states.slice(cut)]) {
          const table = new FinalStates();
          for (const [low, high] of part) table.add(low, high, 1);
          merged.merge(table.list());
        }
        const facts = ({ distinct, singletons, capped }: FinalStates) => ({ distinct, singletons, capped });
        expect(facts(merged)).toEqual(facts(whole));
      }),
    );
  });

  it('says when it is full, and still counts the states that it has', () => {
    const table = new FinalStates(2);
    for (const low of [1, 2, 3, 1]) table.add(low, 0, 1);
    expect({ distinct: table.distinct, singletons: table.singletons, capped: table.capped }).toEqual({
      distinct: 2,
      singletons: 1,
      capped: true,
    });
  });

  it('forgets everything when it is cleared', () => {
    const table = new FinalStates(1);
    table.add(1, 1, 1);
    table.add(2, 2, 1);
    table.clear();
    table.add(1, 1, 1);
    expect({ distinct: table.distinct, singletons: table.singletons, capped: table.capped }).toEqual({
      distinct: 1,
      singletons: 1,
      capped: false,
    });
  });
});

describe('FinalStateHash', () => {
  const model = defineModel({
    name: 'parts',
    build(m) {
      const cell = m.cell('cell');
      const ghost = m.ghost('ghost');
      m.mutex('lock');
      m.actor('actor', function* work() {
        yield* cell.add(1).record(ghost, (value) => value + 1);
        return 5;
      });
    },
  });

  async function hashOf(change: (executor: Executor) => void): Promise<string> {
    const program = await compileModel(model);
    const executor = new Executor(program);
    const hash = new FinalStateHash(program, executor);
    change(executor);
    hash.update();
    return `${hash.low} ${hash.high}`;
  }

  it.each([
    ['a cell', 0, true],
    ['a ghost', 1, false],
    ['a lock', 2, true],
    ['the node of an actor', 3, false],
    ['the number of calls an actor has completed', 4, false],
  ])('%s matters: %#', async (_, word, matters) => {
    const same = (await hashOf(() => {})) === (await hashOf(({ state }) => void state.fill(77, word, word + 1)));
    expect(same).toBe(!matters);
  });

  it('the result of a call matters', async () => {
    const plain = await hashOf(() => {});
    expect(await hashOf(({ state, results }) => void state.fill(1, results, results + 1))).not.toBe(plain);
  });

  it('spreads a million neighbouring states without a collision', async () => {
    const program = await compileModel(
      defineModel({
        name: 'two',
        build(m) {
          m.cell('x');
          m.cell('y');
          m.actor('actor', function* nothing() {});
        },
      }),
    );
    const executor = new Executor(program);
    const hash = new FinalStateHash(program, executor);
    const table = new FinalStates();
    for (let x = 0; x < 1_000; x++) {
      for (let y = 0; y < 1_000; y++) {
        executor.state[0] = x - 500;
        executor.state[1] = y - 500;
        hash.update();
        table.add(hash.low, hash.high, 1);
      }
    }
    expect({ distinct: table.distinct, singletons: table.singletons }).toEqual({
      distinct: 1_000_000,
      singletons: 1_000_000,
    });
  });
});
