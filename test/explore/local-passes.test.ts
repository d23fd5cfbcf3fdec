import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localPasses } from '../../src/explore/local-passes.js';
import { isSmaller, type Step, sizeOf } from '../../src/explore/step-list.js';

function steps(actors: readonly number[], choices: readonly number[] = []): Step[] {
  return actors.map((actor, place) => ({ actor, choice: choices[place] ?? -1, call: 0 }));
}

/** Accepts every list for which the finding shows. */
function passes(start: readonly Step[], shows: (list: readonly Step[]) => boolean): readonly Step[] {
  return localPasses(
    start,
    (list) => (shows(list) ? list : undefined),
    () => false,
  );
}

/** Whether the actors of `wanted` occur in this order, others in between. */
function contains(list: readonly Step[], wanted: readonly number[]): boolean {
  let found = 0;
  for (const { actor } of list) if (actor === wanted[found]) found++;
  return found === wanted.length;
}

describe('local passes', () => {
  it('leave out all steps but those that matter', () => {
    const start = steps([2, 0, 2, 1, 0, 2, 1, 1, 2, 0, 1]);
    const wanted = [0, 1, 0];
    expect(passes(start, (list) => contains(list, wanted)).map(({ actor }) => actor)).toEqual(wanted);
  });

  it('join blocks of one actor when the order of the others does not matter', () => {
    const count = (list: readonly Step[], wanted: number) => list.filter(({ actor }) => actor === wanted).length;
    const start = steps([0, 1, 0, 1, 0, 1]);
    const result = passes(start, (list) => count(list, 0) === 3 && count(list, 1) === 3);
    expect(sizeOf(result)).toMatchObject({ contextSwitches: 1, steps: 6 });
  });

  it('join a block with the next one where only that helps', () => {
    const result = passes(steps([0, 1, 0]), (list) => list.length === 3 && list[2].actor === 0);
    expect(result.map(({ actor }) => actor)).toEqual([1, 0, 0]);
  });

  it('join a block with the previous one where only that helps', () => {
    const result = passes(steps([0, 1, 0]), (list) => list.length === 3 && list[0].actor === 0);
    expect(result.map(({ actor }) => actor)).toEqual([0, 0, 1]);
  });

  it('make choices as small as they may be', () => {
    const start = steps([0, 0, 0], [3, 5, 1]);
    const result = passes(start, (list) => list.length === 3 && list[1].choice >= 2);
    expect(result.map(({ choice }) => choice)).toEqual([0, 2, 0]);
  });

  it('take the run as it happened and not the edit', () => {
    const result = localPasses(
      steps([0, 1, 1, 0]),
      (list) => (contains(list, [0]) ? list.slice(0, 1) : undefined),
      () => false,
    );
    expect(result).toHaveLength(1);
  });

  it('stop when the work is exhausted', () => {
    const start = steps([0, 1, 2]);
    const attempt = () => expect.unreachable();
    expect(localPasses(start, attempt, () => true)).toBe(start);
  });

  it('end where no single edit helps: no step can be left out, and nothing was made larger', () => {
    const actors = fc.array(fc.nat(2), { minLength: 3, maxLength: 14 });
    fc.assert(
      fc.property(actors, fc.array(fc.nat(2), { minLength: 1, maxLength: 4 }), (list, wanted) => {
        const start = steps(list);
        fc.pre(contains(start, wanted));
        const result = passes(start, (each) => contains(each, wanted));
        expect(result.map(({ actor }) => actor)).toEqual(wanted);
        expect(isSmaller(start, result)).toBe(false);
      }),
    );
  });
});
