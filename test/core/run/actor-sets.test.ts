import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ActorSets } from '../../../src/core/run/actor-sets.js';

const sizes = fc.constantFrom(1, 5, 29, 30, 31, 60, 61, 101, 240);
const drawn = sizes.chain((actors) => {
  const members = fc.uniqueArray(fc.nat(actors - 1), { maxLength: 40 });
  return fc.record({ actors: fc.constant(actors), left: members, right: members, actor: fc.nat(actors - 1) });
});
const sorted = (members: Iterable<number>): number[] => [...members].sort((a, b) => a - b);

it('sets are sets, with bits in one word or in several', () => {
  fc.assert(
    fc.property(drawn, ({ actors, left, right, actor }) => {
      const sets = new ActorSets(actors);
      const [a, b] = [sets.of(left), sets.of(right)];
      const everyone = Array.from({ length: actors }, (_, number) => number);
      expect(sets.members(a)).toEqual(sorted(left));
      expect(sets.members(sets.union(a, b))).toEqual(sorted(new Set([...left, ...right])));
      expect(sets.members(sets.with(a, actor))).toEqual(sorted(new Set([...left, actor])));
      expect(sets.members(sets.others(a))).toEqual(everyone.filter((each) => !left.includes(each)));
      expect(sets.members(sets.everyone)).toEqual(everyone);
      expect(sets.has(a, actor)).toBe(left.includes(actor));
      expect(sets.meets(a, b)).toBe(left.some((each) => right.includes(each)));
    }),
  );
});

it('two sets of the same members are one number, the empty one 0', () => {
  fc.assert(
    fc.property(drawn, ({ actors, left, right }) => {
      const sets = new ActorSets(actors);
      const same = left.length === right.length && left.every((each) => right.includes(each));
      expect(sets.of(left) === sets.of(right)).toBe(same);
      expect(sets.of([...left].reverse())).toBe(sets.of(left));
      expect(sets.of([])).toBe(0);
      expect(sets.union(sets.of(left), sets.others(sets.of(left)))).toBe(sets.everyone);
    }),
  );
});

it('the bits of a latch come in by the thirty', () => {
  const sets = new ActorSets(70);
  sets.begin();
  sets.putBits(0b101, 0);
  sets.putBits(0b11, 1);
  sets.putBits(1, 2);
  expect(sets.members(sets.end())).toEqual([0, 2, 30, 31, 60]);
});

it('many sets keep their numbers, until they are forgotten', () => {
  const sets = new ActorSets(40);
  const subset = (number: number): number =>
    sets.of([...Array(17).keys()].filter((bit) => ((number >> bit) & 1) === 1));
  const numbers = Array.from({ length: 1 << 17 }, (_, number) => subset(number));
  expect(new Set(numbers).size).toBe(1 << 17);
  expect([1, 999, 131_071].map(subset)).toEqual([1, 999, 131_071].map((number) => numbers[number]));
  sets.forget();
  expect([sets.of([]), sets.members(sets.everyone).length]).toEqual([0, 40]);
  expect(subset(5)).toBeLessThan(4);
});
