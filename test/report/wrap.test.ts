import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plain, wrapCode, wrapWords } from '../../src/report/wrap.js';

const bare = (text: string): string => plain(text).replaceAll(' ', '');

describe('sentences', () => {
  test('break at words, with the later lines indented', () => {
    expect(wrapWords('one two three four', 9, '  ')).toEqual(['one two', '  three', '  four']);
  });

  test('a word that is too long is cut', () => {
    expect(wrapWords('abcdefgh ij', 4)).toEqual(['abcd', 'efgh', 'ij']);
  });
});

describe('code', () => {
  test('breaks at spaces, else behind punctuation and underscores, else anywhere', () => {
    expect(wrapCode('cmpxchg(i_pages[0], NULL, folio 2)', 20, 18)).toEqual(['cmpxchg(i_pages[0],', 'NULL, folio 2)']);
    expect(wrapCode('kvm_gmem_fault_user_mapping()', 20, 18)).toEqual(['kvm_gmem_fault_user_', 'mapping()']);
    expect(wrapCode('abcdefgh', 5, 3)).toEqual(['abcde', 'fgh']);
  });

  test('keeps an arrow with its result, and a name whole if the call around it can be broken', () => {
    expect(wrapCode('filemap_add_folio() -> false', 24, 20)).toEqual(['filemap_add_folio()', '-> false']);
    expect(wrapCode('filemap_get_entry() -> folio 0', 29, 20)).toEqual(['filemap_get_entry()', '-> folio 0']);
    expect(wrapCode('folio_lock(folio_lock[0])', 20, 20)).toEqual(['folio_lock(', 'folio_lock[0])']);
  });

  test('leaves alone what fits', () => {
    expect(wrapCode('a -> b', 6, 1)).toEqual(['a -> b']);
  });
});

test('no line is too wide, none but an only one is empty, and no text is lost', () => {
  const widths = fc.integer({ min: 4, max: 40 });
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), widths, widths, (text, first, rest) => {
      const code = wrapCode(text, first, rest);
      const words = wrapWords(text, first, '  ');
      code.forEach((line, place) => {
        expect(line.length).toBeLessThanOrEqual(place === 0 ? first : rest);
      });
      for (const line of words) expect(line.length).toBeLessThanOrEqual(first);
      for (const lines of [code, words]) {
        expect(lines.map(bare).join('')).toBe(bare(text));
        if (lines.length > 1) for (const line of lines) expect(line.trim()).not.toBe('');
      }
    }),
    { numRuns: 1000 },
  );
});
