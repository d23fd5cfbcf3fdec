import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { columnGrid } from '../../src/report/column-grid.js';
import type { ColumnRow } from '../../src/report/column-rows.js';

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
  expect(narrow.at(-1)).toBe(`${' '.repeat(100 - 29)}*** unbalanced-invalidate ***`);
});

test('more actors than columns can be had are listed by name', () => {
  const titles = heads(...'ABCDEFG'.split(''));
  expect(columnGrid(titles, [step(0, 'a'), step(0, 'b', { depth: 1 }), step(6, 'c')])).toEqual([
    'A  a',
    '     b',
    'G  c',
  ]);
});

describe('whatever the rows are', () => {
  const rows = (actors: number) =>
    fc.array(
      fc.record({
        actor: fc.nat({ max: actors - 1 }),
        kind: fc.constant('step' as const),
        depth: fc.nat({ max: 30 }),
        text: fc.string({ minLength: 1, maxLength: 120 }),
        breaks: fc.option(fc.constantFrom('leak', 'unbalanced-invalidate'), { nil: undefined }),
      }),
      { maxLength: 12 },
    );
  const grids = fc
    .integer({ min: 1, max: 9 })
    .chain((actors) =>
      fc.tuple(fc.array(fc.string({ minLength: 1 }), { minLength: actors, maxLength: actors }), rows(actors)),
    );

  test('no line is too wide and no text is lost', () => {
    fc.assert(
      fc.property(grids, ([titles, body]) => {
        const lines = columnGrid(heads(...titles), body);
        for (const line of lines) {
          expect(line.length).toBeLessThanOrEqual(titles.length <= 2 ? 75 : 100);
          expect(line).not.toMatch(/\s$/);
        }
        const printed = lines.join('').replace(/\s/g, '');
        const expected = body.map(({ text, breaks }) => `${text}${breaks ? `***${breaks}***` : ''}`.replace(/\s/g, ''));
        if (titles.length <= 5) expect(printed.endsWith(expected.join(''))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
