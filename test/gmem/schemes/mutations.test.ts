import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/core/errors.js';
import { builtinScheme, builtinSchemes, loadScheme, mutate } from '../../../src/gmem/scheme-lookup.js';
import { mutations } from '../../../src/gmem/schemes/mutations.js';

describe('mutations', () => {
  it('have names that command lines take, each once, and a title', () => {
    const names = mutations.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, title } of mutations) {
      expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(title).not.toBe('');
    }
  });

  it.each(mutations.map((mutation) => [mutation.name, mutation] as const))(
    '%s fits some built-in scheme',
    (_, mutation) => {
      const bases = builtinSchemes.filter((base) => mutation.needs?.of(base) ?? true);
      expect(bases).not.toEqual([]);
      for (const base of bases) {
        const changed = mutation.change(base);
        for (const key of Object.keys(changed)) expect(base).toHaveProperty(key);
        expect(mutate(base, mutation.name).name).toBe(`${base.name}+${mutation.name}`);
      }
    },
  );

  it('leave the scheme that they are given as it is', () => {
    const before = { ...builtinScheme('v2-hook-every-fault') };
    mutate(builtinScheme('v2-hook-every-fault'), 'no-seq-check');
    expect(builtinScheme('v2-hook-every-fault')).toEqual(before);
  });

  it('are refused where a scheme cannot have them', () => {
    const refusal = () => mutate(builtinScheme('v2-hook-every-fault'), 'plain-bitmap-word');
    expect(refusal).toThrow(InputError);
    expect(refusal).toThrow(
      'v2-hook-every-fault cannot have plain-bitmap-word: that needs a scheme with a prepared bitmap',
    );
  });

  it('are refused rather than undo one another', async () => {
    // unlock-before-hook writes kvm_gmem_get_pfn() anew: on top of snapshot-late it would take that one back.
    const name = 'v2-hook-every-fault+snapshot-late+unlock-before-hook';
    await expect(loadScheme(name)).rejects.toThrow('cannot have unlock-before-hook');
    expect((await loadScheme('v2-hook-every-fault+unlock-before-hook+snapshot-late')).getPfn).toBeDefined();
  });

  it.each(['bitmap-shared-lock', 'prepare-exclusive', 'cmpxchg-tristate', 'seqcount-retry'])(
    'unlock-before-hook would take the lock of %s away as well, and is refused',
    (name) => {
      expect(() => mutate(builtinScheme(name), 'unlock-before-hook')).toThrow(InputError);
    },
  );

  it('gup-under-lock changes nothing where populate faults under the lock anyway', () => {
    const mutant = mutate(builtinScheme('v1-uptodate-prepared'), 'gup-under-lock');
    expect({ ...mutant, name: '' }).toEqual({ ...builtinScheme('v1-uptodate-prepared'), name: '' });
  });
});
