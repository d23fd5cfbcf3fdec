import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { columnGrid } from '../../src/report/column-grid.js';
import type { ColumnRow } from '../../src/report/column-rows.js';
import { widthOf } from '../../src/report/text-width.js';

function step(actor: number, text: string, more: Partial<ColumnRow> = {}): ColumnRow {
  return { actor, kind: 'step', depth: 0, text, breaks: undefined, ...more };
}

function heads(...titles: readonly string[]) {
  return titles.map((title, actor) => ({ actor, title }));
}

test('columns are as wide as their longest line needs', () => {
  expect(columnGrid(heads('A', 'B'), [step(0, 'lock(a)'), step(1, 'b', { depth: 1 }), step(0, 'c')])).toEqual([
    'A        B',
    '-        -',
    'lock(a)',
    '           b',
    'c',
  ]);
});

test('titles wrap when their column is narrower', () => {
  const [first, second, dashes] = columnGrid(heads('vCPU0 (read gfn 0, write gfn 0, read gfn 1)', 'B'), [step(0, 'x')]);
  expect([first, second, dashes]).toEqual([
    'vCPU0 (read gfn 0, write gfn    B',
    '0, read gfn 1)',
    '----------------------------    -',
  ]);
});

test('the widest column gives way first', () => {
  const long = 'x'.repeat(20);
  const lines = columnGrid(heads('A', 'B'), [step(0, `${long} ${long} ${long} ${long}`), step(1, long)]);
  expect(lines[1].indexOf('-', 1)).toBe(75 - 20);
  expect(lines.slice(2)).toEqual([`${long} ${long}`, `    ${long} ${long}`, `${' '.repeat(55)}${long}`]);
});

test('the mark of the step that breaks goes below it when there is no room, and is never cut', () => {
  const text = 'y'.repeat(70);
  expect(columnGrid(heads('A', 'B'), [step(0, text, { breaks: 'free-while-assigned' }), step(1, 'b')])).toContain(
    '    *** free-while-assigned ***',
  );
  const titles = heads(...'ABCDE'.split('').map((letter) => letter.repeat(30)));
  const narrow = columnGrid(titles, [step(4, 'z'.repeat(17), { breaks: 'unbalanced-invalidate' })]);
  expect(narrow.at(-1)).toBe(`${' '.repeat(98 - 29)}*** unbalanced-invalidate ***`);
});

test('more actors than columns can be had are listed by name', () => {
  const names = 'ABCDEF'.split('').map((letter) => `${letter} ${'does something'}`);
  const rows = [step(0, 'a'), step(0, 'b', { depth: 1 }), step(5, 'c')];
  expect(columnGrid(heads(...names), rows)).toEqual([
    'A does something  a',
    '                    b',
    'F does something  c',
  ]);
});

test('three columns share 75 characters, four are at least 18 wide each', () => {
  const rows = 'ABCD'.split('').map((letter, actor) => step(actor, `${letter}${'x'.repeat(15)} ${'y'.repeat(15)}`));
  const three = columnGrid(heads('A', 'B', 'C'), rows.slice(0, 3));
  expect(Math.max(...three.map(({ length }) => length))).toBeLessThanOrEqual(75);
  const four = columnGrid(heads('A', 'B', 'C', 'D'), rows);
  expect([...four[1].matchAll(/-/g)].map(({ index }) => index)).toEqual([0, 20, 40, 60]);
});

test('a column gives way where that costs no line, so that another need not be wrapped', () => {
  const rows = [step(0, `${'a'.repeat(25)} ${'b'.repeat(20)}`), step(1, 'c'.repeat(46))];
  expect(columnGrid(heads('A', 'B'), rows).slice(2)).toEqual([
    'a'.repeat(25),
    `    ${'b'.repeat(20)}`,
    `${' '.repeat(29)}${'c'.repeat(46)}`,
  ]);
});

test('wide characters take two places', () => {
  const rows = [step(0, '\u9501(\u5217\u8868)'), step(1, 'b'), step(0, 'c')];
  expect(columnGrid(heads('\u7b49\u5f85\u8005', 'B'), rows)).toEqual([
    '\u7b49\u5f85\u8005    B',
    '------    -',
    '\u9501(\u5217\u8868)',
    '          b',
    'c',
  ]);
});

test('the columns of one part of a story are as wide as those of another', () => {
  const [one, other] = [[step(0, 'a')], [step(0, 'x'.repeat(20)), step(1, 'b')]];
  expect(columnGrid(heads('A', 'B'), one, { besides: other })[0]).toBe(columnGrid(heads('A', 'B'), other)[0]);
});

describe('whatever the rows are', () => {
  // Latin, wide, combining, and an emoji of several code points.
  const unit = fc.constantFrom(
    ...'ab_(), '.split(''),
    '\u9501',
    '\u5b9a',
    'e\u0301',
    '\u{1f512}',
    '\u{1f469}\u200d\u{1f4bb}',
  );
  const rows = (actors: number) =>
    fc.array(
      fc.record({
        actor: fc.nat({ max: actors - 1 }),
        kind: fc.constant('step' as const),
        depth: fc.nat({ max: 30 }),
        text: fc.string({ minLength: 1, maxLength: 120, unit }),
        breaks: fc.option(fc.constantFrom('leak', 'unbalanced-invalidate'), { nil: undefined }),
      }),
      { maxLength: 12 },
    );
  const grids = fc
    .integer({ min: 1, max: 9 })
    .chain((actors) =>
      fc.tuple(fc.array(fc.string({ minLength: 1, unit }), { minLength: actors, maxLength: actors }), rows(actors)),
    );

  test('no line is too wide and no text is lost', () => {
    fc.assert(
      fc.property(grids, ([titles, body]) => {
        const lines = columnGrid(heads(...titles), body);
        for (const line of lines) {
          expect(widthOf(line)).toBeLessThanOrEqual(titles.length <= 3 ? 75 : 100);
          expect(line).not.toMatch(/\s$/);
        }
        const printed = lines.join('').replace(/\s/g, '');
        const expected = body.map(({ text, breaks }) => `${text}${breaks ? `***${breaks}***` : ''}`.replace(/\s/g, ''));
        // In a list the names of the actors stand between.
        if (titles.length <= 4) expect(printed.endsWith(expected.join(''))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
