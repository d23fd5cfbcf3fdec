import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/core/errors.js';
import { isSchemeFile } from '../../src/gmem/named-scheme.js';
import { loadScheme } from '../../src/gmem/scheme-lookup.js';
import { builtinSchemes } from '../../src/gmem/schemes/builtin-schemes.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

describe('built-in schemes', () => {
  it('have the names of the design, a title and the label of a version', () => {
    expect(builtinSchemes.map(({ name, version }) => [name, version])).toEqual([
      ['v1-uptodate-prepared', 'V1'],
      ['v2-hook-every-fault', 'V2'],
      ['v3-inplace', 'V3b'],
      ['bitmap-nolock', 'S4'],
      ['bitmap-shared-lock', 'S5'],
      ['cmpxchg-tristate', 'S6'],
      ['prepare-exclusive', 'S7'],
      ['seqcount-retry', 'S9'],
      ['v3d-hugetlb', 'V3d'],
    ]);
    // The key to labels such as S4 is docs/kernel.md; a title stands without one.
    for (const { title } of builtinSchemes) expect(title).not.toMatch(/\b[SR]\d|seed/);
  });
});

describe('loadScheme', () => {
  it('takes a name with mutations, in their order', async () => {
    const scheme = await loadScheme('v2-hook-every-fault+no-seq-check+seq-after-count');
    expect(scheme.name).toBe('v2-hook-every-fault+no-seq-check+seq-after-count');
  });

  it('takes a file, and mutations of it', async () => {
    const path = here('fixtures/ends-twice.mjs');
    expect(isSchemeFile(path)).toBe(true);
    expect((await loadScheme(path)).name).toBe('ends-twice');
    expect((await loadScheme(`${path}+no-seq-check`)).name).toBe('ends-twice+no-seq-check');
  });

  it.each([
    ['v4', 'there is no scheme "v4"; there are v1-uptodate-prepared, v2-hook-every-fault'],
    ['v3-inplace+no-lock', 'there is no mutation or variant "no-lock"; there are no-seq-check'],
    [
      'v3-inplace+plain-bitmap-word',
      'v3-inplace cannot have plain-bitmap-word: that needs a scheme with a prepared bitmap',
    ],
    [here('fixtures/no-scheme.mjs'), 'exports no scheme'],
  ])('refuses %s', async (text, sentence) => {
    const refused = loadScheme(text);
    await expect(refused).rejects.toThrow(InputError);
    await expect(refused).rejects.toThrow(sentence);
  });
});
