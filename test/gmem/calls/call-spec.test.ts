/** What the numbers of a call mean: gfns of the guest, or pages of the file. */
import { describe, expect, it } from 'vitest';
import { callUnder, completedCall, namesGfns, pagesOfCall } from '../../../src/gmem/calls/call-spec.js';
import type { Conversion } from '../../../src/gmem/scenarios/scenario.js';

const slots = [
  { gfn: 4, pages: 2, index: 1 },
  { gfn: 9, pages: 1, index: 0 },
];
const numbering = (conversion: Conversion = 'in-place') => ({ slots, conversion });

describe('the numbers of a call', () => {
  it.each([
    ['write', 'in-place', true],
    ['populate', 'in-place', true],
    ['punch-hole', 'in-place', false],
    ['pwrite', 'vm-attributes', false],
    ['convert', 'in-place', false],
    ['convert', 'vm-attributes', true],
  ] as const)('of %s with conversion %s are gfns: %s', (call, conversion, isGfns) => {
    expect(namesGfns({ conversion }, call)).toBe(isGfns);
  });

  it('are pages of the file where there is one memslot', () => {
    expect(pagesOfCall({ conversion: 'in-place' }, { call: 'populate', gfn: 1, count: 2 })).toEqual([1, 2]);
  });

  it('that are gfns mean what their memslot shows', () => {
    expect(pagesOfCall(numbering(), { call: 'populate', gfn: 4, count: 2 })).toEqual([1, 2]);
    expect(pagesOfCall(numbering(), { call: 'write', gfn: 9 })).toEqual([0]);
  });

  it('that are pages of the file are left alone', () => {
    expect(pagesOfCall(numbering(), { call: 'punch-hole', gfn: 0, count: 3 })).toEqual([0, 1, 2]);
  });

  it.each([
    ['of no memslot', { gfn: 6, count: 1 }],
    ['behind the end of one', { gfn: 5, count: 2 }],
  ])('that are gfns %s mean nothing', (_, range) => {
    expect(pagesOfCall(numbering(), { call: 'populate', ...range })).toBeUndefined();
  });
});

describe('an access', () => {
  const before = ['shared', 'private', 'private'] as const;

  it('is as the attribute says of the page that its gfn shows', () => {
    expect(completedCall({ call: 'read', gfn: 9 }, before, numbering())).toEqual({
      call: 'read',
      gfn: 9,
      as: 'shared',
    });
    expect(completedCall({ call: 'read', gfn: 5 }, before, numbering())).toMatchObject({ as: 'private' });
  });

  it('goes along with the attribute of that page', () => {
    const read = { call: 'read', gfn: 9, as: 'shared' } as const;
    expect(callUnder(read, before, ['private', 'private', 'private'], numbering())).toEqual({ ...read, as: 'private' });
  });
});
