/** The parts that the search for the shortest schedule is made of: its queue and its set of states. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StateSet } from '../../src/core/run/state-set.js';
import { CostQueue } from '../../src/explore/cost-queue.js';

describe('CostQueue', () => {
  it('gives back the cheapest first, whatever is put in between', () => {
    // A number is put in with that cost; null takes one out.
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(50)), { maxLength: 200 }), (plan) => {
        const queue = new CostQueue();
        const left: number[] = [];
        for (const cost of plan) {
          if (cost !== null) {
            queue.put(cost, cost);
            left.push(cost);
            continue;
          }
          const cheapest = left.length === 0 ? -1 : Math.min(...left);
          expect(queue.lowest).toBe(left.length === 0 ? Number.POSITIVE_INFINITY : cheapest);
          expect(queue.take()).toBe(cheapest);
          if (left.length > 0) left.splice(left.indexOf(cheapest), 1);
        }
      }),
    );
  });
});

describe('StateSet', () => {
  it('numbers states as they come, and the same state the same', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(2), { minLength: 4, maxLength: 4 }), { maxLength: 100 }), (states) => {
        const set = new StateSet(4);
        const names: string[] = [];
        for (const state of states) {
          if (!names.includes(state.join())) names.push(state.join());
          expect(set.add(Int32Array.from(state))).toBe(names.indexOf(state.join()));
        }
        expect(set.size).toBe(names.length);
      }),
    );
  });

  it('gives states back as they were, many of them', () => {
    const set = new StateSet(2);
    for (let number = 0; number < 20_000; number++) set.add(Int32Array.of(number * 1_024, -number));
    const state = new Int32Array(2);
    for (let number = 0; number < 20_000; number++) {
      set.read(number, state);
      expect([state[0], state[1]]).toEqual([number * 1_024, number === 0 ? 0 : -number]);
      expect(set.add(state)).toBe(number);
    }
  });

  it('tells states apart by words in which only late ones differ, and gives those back that came before', () => {
    const words = fc.array(fc.constantFrom(-7, 0, 3), { minLength: 40, maxLength: 40 });
    const changes = fc.array(fc.tuple(fc.nat(39), fc.constantFrom(-7, 0, 3)), { maxLength: 400 });
    fc.assert(
      fc.property(words, changes, (first, steps) => {
        const set = new StateSet(40);
        const state = Int32Array.from([...first, 99]);
        const numbers = new Map([[first.join(), set.add(state)]]);
        for (const [word, value] of steps) {
          state[word] = value;
          const text = state.subarray(0, 40).join();
          expect(set.find(state)).toBe(numbers.get(text) ?? -1);
          const number = set.add(state);
          expect(number).toBe(numbers.get(text) ?? numbers.size);
          numbers.set(text, number);
        }
        const back = new Int32Array(41);
        for (const [text, number] of numbers) {
          set.read(number, back);
          expect(back.subarray(0, 40).join()).toBe(text);
          expect(set.word(number, 39)).toBe(back[39]);
        }
        expect(back[40]).toBe(0);
      }),
    );
  });

  it('looks at words in which states may not differ only once they may', () => {
    const set = new StateSet(3, (word) => word !== 1);
    expect(set.add(Int32Array.of(1, 5, 1))).toBe(0);
    expect(set.add(Int32Array.of(1, 5, 2))).toBe(1);
    set.admit(1);
    expect(set.add(Int32Array.of(1, 6, 2))).toBe(2);
    expect(set.add(Int32Array.of(1, 5, 2))).toBe(1);
    const state = new Int32Array(3);
    set.read(1, state);
    expect([...state]).toEqual([1, 5, 2]);
  });

  it('reserves numbers that no state has', () => {
    const set = new StateSet(1);
    set.add(Int32Array.of(1));
    expect(set.addNew()).toBe(1);
    expect(set.add(Int32Array.of(0))).toBe(2);
  });
});
