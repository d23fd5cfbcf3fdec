import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/core/errors.js';
import { traitsOf } from '../../../src/gmem/measure-traits.js';
import { builtinScheme, lackOf, mutate } from '../../../src/gmem/named-scheme.js';
import { defineScheme, routineNames, type Scheme } from '../../../src/gmem/scheme.js';
import { loadScheme } from '../../../src/gmem/scheme-lookup.js';
import { usualSchemes } from '../../../src/gmem/schemes/builtin-schemes.js';
import { mutations } from '../../../src/gmem/schemes/mutations.js';
import { v2HookEveryFault } from '../../../src/gmem/schemes/v2-hook-every-fault.js';
import { play, type Stage } from '../stage.js';

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}.mjs`, import.meta.url));
const fits = (scheme: Scheme) =>
  mutations.filter((mutation) => lackOf(scheme, mutation) === undefined).map(({ name }) => name);

describe('mutations', () => {
  it('have names that command lines take, each once, and a title', () => {
    const names = mutations.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, title } of mutations) {
      expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(title).not.toBe('');
    }
  });

  it('fit these built-in schemes', () => {
    const everyone = [
      ...['no-seq-check', 'snapshot-late', 'check-outside-mmu-lock', 'attribute-before-snapshot', 'seq-after-count'],
      ...['end-before-store', 'refcount-accepts-mapcount', 'gup-under-lock', 'no-lru-drain', 'zero-partial-folio'],
      ...['direct-map-not-split', 'max-order-over-edge', 'range-replaced'],
      ...[
        'poison-after-end',
        'poison-unseen-by-user',
        'shared-before-reference',
        'copy-unmarked',
        'launch-clears-again',
      ],
      ...['order-of-err-ptr'],
      ...['invalid-not-awaited', 'readers-not-awaited', 'notifiers-not-awaited', 'retry-on-invalid'],
      ...['bindings-replaced-first', 'bindings-not-replaced', 'guest-memfd-toggled'],
      ...['slot-keeps-file', 'file-stays-listed', 'release-unzapped', 'no-rcu-barrier'],
      ...[
        'split-wrong-root',
        'zap-wrong-root',
        'extend-unlocked',
        'inhibit-after-unlock',
        'frozen-not-restored',
        'vcpus-let-in',
        'state-guard-missing',
      ],
      ...['track-missing', 'block-missing'],
      ...['iotlb-flush-missing'],
      ...['pamt-get-unchecked', 'pamt-not-restored', 'split-cache-unchecked', 'hkid-released-unlocked'],
    ];
    const more = Object.fromEntries(
      usualSchemes.map((scheme) => [scheme.name, fits(scheme).filter((name) => !everyone.includes(name))]),
    );
    expect(usualSchemes.filter((scheme) => everyone.some((name) => !fits(scheme).includes(name)))).toEqual([]);
    expect(more).toEqual({
      'v1-uptodate-prepared': [
        ...['unlock-before-hook', 'mark-before-hook', 'mark-before-clear', 'inverted-test', 'hook-before-clear'],
      ],
      'v2-hook-every-fault': ['unlock-before-hook', 'inverted-test', 'hook-before-clear'],
      'v3-inplace': ['unlock-before-hook', 'inverted-test'],
      'bitmap-nolock': [
        ...['unlock-before-hook', 'mark-before-hook', 'mark-before-clear', 'hook-before-clear', 'plain-bitmap-word'],
      ],
      'bitmap-shared-lock': [
        ...['unlock-before-hook', 'mark-before-hook', 'mark-before-clear', 'hook-before-clear', 'plain-bitmap-word'],
      ],
      'cmpxchg-tristate': ['inverted-test', 'busy-not-awaited', 'generation-late'],
      'prepare-exclusive': ['unlock-before-hook', 'inverted-test'],
      'seqcount-retry': ['inverted-test'],
    });
  });

  it('change routines that there are, and name what they made', () => {
    for (const base of usualSchemes) {
      for (const name of fits(base)) {
        const mutation = mutations.find((each) => each.name === name);
        for (const key of Object.keys(mutation?.change(base, traitsOf(base)) ?? {})) {
          expect(routineNames).toContain(key);
        }
        expect(mutate(base, name).name).toBe(`${base.name}+${name}`);
      }
    }
  });

  it('leave the scheme that they are given as it is', () => {
    const before = { ...builtinScheme('v2-hook-every-fault') };
    mutate(builtinScheme('v2-hook-every-fault'), 'no-seq-check');
    expect(builtinScheme('v2-hook-every-fault')).toEqual(before);
  });

  it('gup-under-lock changes nothing where populate faults under the lock anyway', () => {
    const mutant = mutate(builtinScheme('v1-uptodate-prepared'), 'gup-under-lock');
    const { inherited: _, ...rest } = mutant;
    expect({ ...rest, name: '' }).toEqual({ ...builtinScheme('v1-uptodate-prepared'), name: '' });
  });
});

describe('a mutation that does not fit', () => {
  it.each([
    [
      'v2-hook-every-fault',
      'plain-bitmap-word',
      'v2-hook-every-fault cannot have plain-bitmap-word: that needs a scheme with a prepared bitmap, but it has no bits ' +
        'that it updates (trait preparedBit: none).',
    ],
    [
      'cmpxchg-tristate',
      'unlock-before-hook',
      'no arch hook of its faults runs under the folio lock (trait hookLock: none).',
    ],
    [
      'v3-inplace',
      'hook-before-clear',
      'its faults call the arch hook only for private memory (trait hook: if-private).',
    ],
    ['bitmap-nolock', 'inverted-test', 'its private faults do not ask for uptodate (trait uptodate: unused).'],
  ])('%s has no %s, and the trait that is in the way is named', (scheme, mutation, sentence) => {
    const refusal = () => mutate(builtinScheme(scheme), mutation);
    expect(refusal).toThrow(InputError);
    expect(refusal).toThrow(sentence);
  });

  it('is refused where another one has made its change already', async () => {
    await expect(loadScheme('v2-hook-every-fault+no-seq-check+no-seq-check')).rejects.toThrow(
      'v2-hook-every-fault+no-seq-check cannot have no-seq-check',
    );
  });
});

describe('a scheme of a user', () => {
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

  it.each(['unlock-before-hook', 'hook-before-clear'])('that calls no hook cannot have %s', (mutation) => {
    expect(() => mutate(nohook, mutation)).toThrow(
      /its faults never call the arch hook \(g\.arch\.prepare\) \(trait hook: never\)/,
    );
  });

  it.each(mutations.map(({ name }) => name).filter((name) => fits(nohook).includes(name)))(
    'that calls no hook still calls none with %s',
    (mutation) => expect(traitsOf(mutate(nohook, mutation)).hook).toBe('never'),
  );

  it('that wraps the routines of a built-in one has the mutations of that', () => {
    for (const scheme of usualSchemes) expect(fits(wrapped(scheme))).toEqual(fits(scheme));
  });

  // Every mutation fits one of the three.
  it.each(['v2-hook-every-fault', 'bitmap-nolock', 'cmpxchg-tristate'])(
    'that wraps the routines of %s does under a mutation what that does',
    (name) => {
      const scheme = builtinScheme(name);
      for (const each of fits(scheme)) {
        expect(traitsOf(mutate(wrapped(scheme), each))).toEqual(traitsOf(mutate(scheme, each)));
      }
    },
  );

  it.each(mutations.filter(({ name }) => fits(v2HookEveryFault).includes(name)).map(({ name }) => name))(
    'keeps what its routines do of their own under %s',
    async (mutation) => {
      const calls = [
        { call: 'write', as: 'private', gfn: 0 },
        { call: 'punch-hole', gfn: 0, count: 1 },
        { call: 'populate', gfn: 0, count: 1 },
        { call: 'convert', to: 'shared', gfn: 0, count: 1 },
        { call: 'host-write', gfn: 0 },
        { call: 'convert', to: 'private', gfn: 0, count: 1 },
      ] as const;
      const marks = (stage: Stage) => routineNames.filter((_, place) => stage.cell('marks', place) !== 0);
      const mutant = await play(`${fixture('marked')}+${mutation}`, calls, { arch: 'none' });
      // What a mutant breaks ends the play.
      const made = calls.slice(0, mutant.returned.length + 1);
      const own = marks(await play(fixture('marked'), made, { arch: 'none' }));
      expect(own.length).toBeGreaterThan(4);
      // The fault that maps an uncleared page never comes to drop its reference.
      const cutOff = mutation === 'inverted-test' ? ['putFolio'] : [];
      expect(marks(mutant)).toEqual(own.filter((name) => !cutOff.includes(name)));
    },
  );
});

describe('mutations of mutants', () => {
  it('keep one another: each trait is changed', async () => {
    const scheme = await loadScheme('v2-hook-every-fault+snapshot-late+unlock-before-hook');
    expect(traitsOf(scheme)).toEqual({ ...v2HookEveryFault.traits, hookLock: 'none' });
    const both = await loadScheme('v2-hook-every-fault+seq-after-count+check-outside-mmu-lock');
    expect(traitsOf(both)).toEqual({ ...v2HookEveryFault.traits, end: 'count-first', mapCheck: 'before-mmu-lock' });
  });

  it.each([
    ['mark-before-hook', ['set_bit 0', 'set_bit 1', 'sev_gmem_prepare']],
    ['mark-before-clear', ['set_bit 0', 'clear_highpage', 'set_bit 1', 'clear_highpage', 'sev_gmem_prepare']],
  ])('mark each page of a large folio that has a bit for each: %s', async (name, order) => {
    for (const scheme of [`bitmap-nolock+${name}`, `bitmap-nolock+forget-what-left+${name}`]) {
      const calls = [{ call: 'write', as: 'private', gfn: 1 }] as const;
      const { steps } = await play(scheme, calls, { maxOrder: 1, gfns: 2, frames: 2 });
      const first = steps.findIndex((step) => step.includes('set_bit'));
      const shown = steps.slice(first).flatMap((step) => {
        const [, bit] = /set_bit\(\$a, prepared\[(\d)\]\)/.exec(step) ?? [];
        if (bit !== undefined) return [`set_bit ${bit}`];
        return /clear_highpage|sev_gmem_prepare/.exec(step)?.slice(0, 1) ?? [];
      });
      expect(shown.filter((step, at) => step !== shown[at - 1])).toEqual(order);
    }
  });

  it('take a snapshot late after the hook was moved, and the other way round', async () => {
    const calls = [{ call: 'write', as: 'private', gfn: 0 }] as const;
    const order = [
      'kvm_gmem_get_pfn: folio_unlock($i)',
      'sev_gmem_prepare: snp_lookup_rmpentry($i)->assigned',
      'kvm_gmem_get_pfn: seq = mmu_invalidate_seq',
    ];
    for (const name of ['snapshot-late+unlock-before-hook', 'unlock-before-hook+snapshot-late']) {
      const { steps } = await play(`v2-hook-every-fault+${name}`, calls);
      const places = order.map((step) => steps.indexOf(step));
      expect(places).toEqual([...places].sort((one, other) => one - other));
      expect(places).not.toContain(-1);
    }
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
