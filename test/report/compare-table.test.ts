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
  const table = compareTable(['a', 'b@gfns=2'], schemes, (scenario, name) => cells[`${scenario} ${label(name)}`], 80);
  expect(table).toBe(`          V1              mine
a         verified        clean in 20,000 schedules
b         host-rmp-fault  no answer
  gfns=2

V1: v1-uptodate-prepared, one flag for two facts
mine: ./mine.ts, my own
`);
});

it('is as wide as the terminal at most and loses no text, however many schemes', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,8}){0,4}$/);
  const column = fc.record({ name, label: name, title: fc.lorem({ maxCount: 30 }) });
  const text = fc.constantFrom<CellText>('verified', 'clean in 20,000 schedules', 'no answer', ...findingKinds);
  const table = fc.record({
    scenarios: fc.uniqueArray(name, { minLength: 1, maxLength: 5 }),
    schemes: fc.uniqueArray(column, { minLength: 1, maxLength: 12, selector: (each) => each.name }),
    texts: fc.array(text, { minLength: 60, maxLength: 60 }),
    width: fc.integer({ min: 40, max: 200 }),
  });
  const verified = Array.from({ length: 60 }, (): CellText => 'verified');
  fc.assert(
    fc.property(table, ({ scenarios, schemes: columns, texts, width }) => {
      const cellOf = (scenario: string, scheme: string) =>
        texts[scenarios.indexOf(scenario) * 12 + columns.findIndex((each) => each.name === scheme)];
      const printed = compareTable(scenarios, columns, cellOf, width);
      for (const line of printed.split('\n')) expect(line.length).toBeLessThanOrEqual(width);
      const letters = (of: string) => of.replace(/\s/g, '').split('').sort().join('');
      const parts = printed.split('\n\n').length - 1;
      const whole = [
        ...columns.map(({ label }) => label),
        ...scenarios.map((scenario) => scenario.repeat(parts)),
        ...scenarios.flatMap((scenario) => columns.map((each) => cellOf(scenario, each.name))),
        // A name that is a column's head is not told twice.
        ...columns.map(({ label, name: full, title }) => `${label}: ${label === full ? '' : `${full}, `}${title}`),
      ];
      expect(letters(printed)).toBe(letters(whole.join('')));
    }),
    {
      examples: [[{ scenarios: ['a'], schemes: [{ name: 'a', label: 'a', title: 'mi' }], texts: verified, width: 40 }]],
    },
  );
});

it('with more columns than fit it goes on below itself, and leaves out rows that would be empty', () => {
  const many = Array.from({ length: 5 }, (_, number) => ({
    name: `v2+change-${number}`,
    label: `V2+${number}`,
    title: '',
  }));
  const table = compareTable(
    ['a', 'b'],
    many,
    (scenario, scheme) => (scenario === 'b' && scheme >= 'v2+change-3' ? undefined : 'host-rmp-fault'),
    42,
  );
  expect(table).toBe(`\
   V2+0         V2+1          V2+2
a  host-rmp-    host-rmp-     host-rmp-
   fault        fault         fault
b  host-rmp-    host-rmp-     host-rmp-
   fault        fault         fault

   V2+3            V2+4
a  host-rmp-fault  host-rmp-fault

V2+0: v2+change-0,
V2+1: v2+change-1,
V2+2: v2+change-2,
V2+3: v2+change-3,
V2+4: v2+change-4,
`);
});
