import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/core/errors.js';
import { traitsOf } from '../../src/gmem/measure-traits.js';
import { builtinScheme, mutate } from '../../src/gmem/named-scheme.js';
import { defineScheme, routineNames, type Scheme } from '../../src/gmem/scheme.js';
import { builtinSchemes } from '../../src/gmem/schemes/builtin-schemes.js';
import { v2HookEveryFault } from '../../src/gmem/schemes/v2-hook-every-fault.js';
import { type Traits, traitWords } from '../../src/gmem/traits.js';

/** Mutations and variants of built-in schemes and what they change. */
const oneTrait: readonly (readonly [mutation: string, scheme: string, change: Partial<Traits>])[] = [
  ['no-seq-check', 'v3-inplace', { retryCheck: 'count' }],
  ['check-outside-mmu-lock', 'v3-inplace', { mapCheck: 'before-mmu-lock' }],
  ['attribute-before-snapshot', 'cmpxchg-tristate', { snapshot: 'after-attribute' }],
  ['seq-after-count', 'v1-uptodate-prepared', { end: 'count-first' }],
  ['end-before-store', 'bitmap-nolock', { attributeStore: 'after-end' }],
  ['refcount-accepts-mapcount', 'v3-inplace', { convertible: 'count-first' }],
  ['gup-under-lock', 'v3-inplace', { source: 'under-lock' }],
  ['unlock-before-hook', 'bitmap-shared-lock', { hookLock: 'none' }],
  ['mark-before-hook', 'bitmap-nolock', { preparedMark: 'before-hook' }],
  ['mark-before-clear', 'v1-uptodate-prepared', { preparedMark: 'before-clear' }],
  ['hook-before-clear', 'v2-hook-every-fault', { clear: 'after-hook' }],
  ['busy-not-awaited', 'cmpxchg-tristate', { busyIndex: 'ignored' }],
  ['plain-bitmap-word', 'bitmap-shared-lock', { preparedBit: 'plain' }],
  ['reclaim-at-last-put', 'v2-hook-every-fault', { reclaim: 'at-last-put' }],
  ['reclaim-by-worker', 'v2-hook-every-fault', { reclaim: 'elsewhere' }],
  ['vmsa-sequence-check', 'v2-hook-every-fault', { vmsaLoad: 'checked' }],
  ['vmsa-invalidation', 'v3-inplace', { vmsaInvalidation: 'inside-begin' }],
];

describe('traitsOf', () => {
  it.each(builtinSchemes.map((scheme) => [scheme.name, scheme] as const))('%s does what it declares', (_, scheme) => {
    expect(traitsOf(scheme)).toEqual(scheme.traits);
    expect(traitsOf(scheme).reference === 'returned').toBe(scheme.returnsReference);
  });

  it('says of a scheme with every routine wrapped what it says of the scheme', () => {
    for (const scheme of builtinSchemes) expect(traitsOf(wrapped(scheme))).toEqual(scheme.traits);
  });

  it('goes by what the routines do: a scheme made of v2 that calls no hook has none', () => {
    const nohook = defineScheme(v2HookEveryFault, {
      name: 'nohook',
      *prepareFolio(g, folio) {
        if (!(yield* g.testUptodate(folio))) {
          yield* g.clearHighpage(folio);
          yield* g.markUptodate(folio);
        }
        return 0;
      },
    });
    expect(traitsOf(nohook)).toEqual({ ...v2HookEveryFault.traits, hook: 'never', hookLock: 'none' });
  });

  it.each(oneTrait)('%s on %s changes one trait, and no other', (mutation, name, change) => {
    const base = builtinScheme(name);
    expect(traitsOf(mutate(base, mutation))).toEqual({ ...base.traits, ...change });
  });

  it('can come to every value that it names', () => {
    const v2 = v2HookEveryFault;
    const others = [
      defineScheme(v2, {
        name: 'no hook',
        *getPfn() {
          return -1;
        },
      }),
      defineScheme(v2, {
        name: 'no snapshot',
        *faultinPfn() {
          return true;
        },
      }),
      defineScheme(v2, {
        name: 'no check',
        *mapFolio() {
          return 0;
        },
      }),
      defineScheme(v2, { name: 'no end', *invalidateEnd() {} }),
      defineScheme(v2, { name: 'no store', *storeAndEnd() {} }),
      defineScheme(v2, {
        name: 'no count',
        *makeConvertible() {
          return 0;
        },
      }),
      defineScheme(v2, {
        name: 'no source',
        *populate() {
          return 0;
        },
      }),
    ];
    const mutants = oneTrait.map(([mutation, scheme]) => mutate(builtinScheme(scheme), mutation));
    const variants = ['mf-delayed', 'direct-map-v7', 'direct-map-v12'].map((name) => mutate(v2HookEveryFault, name));
    const seen = new Set(
      [...builtinSchemes, ...others, ...mutants, ...variants].flatMap((scheme) =>
        Object.entries(traitsOf(scheme)).map(([name, value]) => `${name}: ${value}`),
      ),
    );
    const named = Object.entries(traitWords).flatMap(([name, values]) =>
      Object.keys(values).map((value) => `${name}: ${value}`),
    );
    expect(named.filter((value) => !seen.has(value))).toEqual([]);
  });

  it('refuses a scheme whose routines do otherwise than it declares', () => {
    const liar = defineScheme(v2HookEveryFault, { name: 'liar', traits: { hook: 'if-private' } });
    expect(() => traitsOf(liar)).toThrow(InputError);
    expect(() => traitsOf(liar)).toThrow(
      'liar declares the trait hook: if-private, but its faults always call the arch hook (hook: every-fault).',
    );
  });
});

/** A scheme whose routines each call the routine of another. */
function wrapped(scheme: Scheme): Scheme {
  type Any = (...args: unknown[]) => Generator;
  const changes = routineNames.map((name) => [
    name,
    function* (...args: unknown[]) {
      return yield* (scheme[name] as Any)(...args);
    },
  ]);
  return defineScheme(scheme, { name: `wrapped ${scheme.name}`, ...Object.fromEntries(changes) });
}
