import { describe, expect, it } from 'vitest';
import { findingKinds, moreUrgent } from '../../src/core/finding-kind.js';

describe('findingKinds', () => {
  it('names each kind once', () => {
    expect(new Set(findingKinds).size).toBe(findingKinds.length);
  });

  it('begins with the order in which one step reports one kind', () => {
    expect(findingKinds.slice(0, 13)).toEqual([
      'use-after-free',
      'host-rmp-fault',
      'host-page-fault',
      'invalid-opcode',
      'machine-check',
      'free-while-assigned',
      'leak',
      'lost-write',
      'lost-accept',
      'stale-mapping',
      'unprepared-map',
      'attribute-mismatch',
      'double-prepare',
    ]);
  });
});

describe('moreUrgent', () => {
  it('is true exactly for a kind that comes earlier in the list', () => {
    for (const [place, kind] of findingKinds.entries()) {
      for (const [otherPlace, other] of findingKinds.entries()) {
        expect(moreUrgent(kind, other)).toBe(place < otherPlace);
      }
    }
  });
});
