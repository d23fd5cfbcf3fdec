/** The table of compare. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { findingKinds } from '../../src/core/finding-kind.js';
import { type CellText, compareTable } from '../../src/report/compare-table.js';

const schemes = [
  { name: 'v1-uptodate-prepared', label: 'V1', title: 'one flag for two facts' },
  { name: './mine.ts', label: 'mine', title: 'my own' },
];

it('rows, columns and a legend; settings stand below their scenario; a cell that was not asked for is empty', () => {
  const cells: Readonly<Record<string, CellText>> = {
    'a V1': 'verified',
    'a mine': 'clean in 20,000 schedules',
    'b@gfns=2 V1': 'host-rmp-fault',
    'b@gfns=2 mine': 'no answer',
  };
  const label = (name: string) => schemes.find((scheme) => scheme.name === name)?.label;
  const table = compareTable(['a', 'b@gfns=2'], schemes, (scenario, name) => cells[`${scenario} ${label(name)}`]);
  expect(table).toBe(`          V1              mine
a         verified        clean in 20,000 schedules
b         host-rmp-fault  no answer
  gfns=2

V1: v1-uptodate-prepared, one flag for two facts
mine: ./mine.ts, my own
`);
});

it('is at most 120 columns wide and loses no text, for up to ten schemes', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,8}){0,4}$/);
  const column = fc.record({ name, label: name, title: fc.lorem({ maxCount: 30 }) });
  const text = fc.constantFrom<CellText>('verified', 'clean in 20,000 schedules', 'no answer', ...findingKinds);
  const table = fc.record({
    scenarios: fc.uniqueArray(name, { minLength: 1, maxLength: 5 }),
    schemes: fc.uniqueArray(column, { minLength: 1, maxLength: 8, selector: (each) => each.name }),
    texts: fc.array(text, { minLength: 40, maxLength: 40 }),
  });
  fc.assert(
    fc.property(table, ({ scenarios, schemes: columns, texts }) => {
      const cellOf = (scenario: string, scheme: string) =>
        texts[scenarios.indexOf(scenario) * 8 + columns.findIndex((each) => each.name === scheme)];
      const printed = compareTable(scenarios, columns, cellOf);
      for (const line of printed.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
      const letters = (of: string) => [...of.replace(/\s/g, '')].sort().join('');
      const whole = [
        ...columns.map(({ label }) => label),
        ...scenarios.flatMap((scenario) => [scenario, ...columns.map((each) => cellOf(scenario, each.name))]),
        ...columns.map((each) => `${each.label}: ${each.name}, ${each.title}`),
      ];
      expect(letters(printed)).toBe(letters(whole.join('')));
    }),
  );
});

it('with more columns than fit it is a list', () => {
  const many = Array.from({ length: 9 }, (_, number) => ({
    name: `v2+change-${number}`,
    label: `V2+${number}`,
    title: '',
  }));
  const cells: Readonly<Record<string, CellText>> = { 'v2+change-0': 'verified', 'v2+change-8': 'host-rmp-fault' };
  const table = compareTable(['a', 'b'], many, (scenario, scheme) => (scenario === 'a' ? cells[scheme] : 'verified'));
  expect(table.split('\n').slice(0, 6)).toEqual([
    'a',
    '  v2+change-0  verified',
    '  v2+change-8  host-rmp-fault',
    '',
    'b',
    '  v2+change-0  verified',
  ]);
});
