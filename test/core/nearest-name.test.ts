import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestName } from '../../src/core/nearest-name.js';

const calls = ['read', 'write', 'host-read', 'punch-hole', 'populate', 'convert'];

describe('nearestName', () => {
  it.each([
    ['pnuch-hole', 'punch-hole'],
    ['raed', 'read'],
    ['convrt', 'convert'],
    ['populatte', 'populate'],
    ['hostread', 'host-read'],
  ])('takes %s for %s', (written, meant) => {
    expect(nearestName(written, calls)).toBe(meant);
  });

  it.each(['', 'x', 'fault', 'punch'])('does not guess what %j means', (written) => {
    expect(nearestName(written, calls)).toBeUndefined();
  });

  it('counts two swapped neighbours as one edit', () => {
    expect(nearestName('pni', ['pin'])).toBe('pin');
  });

  it('prefers the nearer of two names', () => {
    expect(nearestName('reads', ['threads', 'read'])).toBe('read');
  });

  it('finds every allowed name written correctly', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1 }), fc.nat(), (names, pick) => {
        const name = names[pick % names.length];
        expect(nearestName(name, names)).toBe(name);
      }),
    );
  });

  it('takes any name with one letter missing for a name one edit away', () => {
    fc.assert(
      fc.property(fc.constantFrom(...calls), fc.nat(), (name, position) => {
        const cut = position % name.length;
        expect(nearestName(name.slice(0, cut) + name.slice(cut + 1), calls)).toBe(name);
      }),
    );
  });
});
