/** The table of docs/kernel.md, "Users of the memory", as cells of test/expected.yaml, which test/expected.test.ts verifies. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseExpectations } from '../../../src/gmem/expectations.js';

const cells = parseExpectations(
  readFileSync(new URL('../../expected.yaml', import.meta.url), 'utf8'),
  'test/expected.yaml',
);
const document = readFileSync(new URL('../../../docs/kernel.md', import.meta.url), 'utf8');

const schemes = {
  U0: 'v3-inplace',
  U1: 'v3-inplace+device-pins',
  U2: 'v3-inplace+user-contexts',
  U3: 'v3-inplace+user-contexts+prepare-each-user',
};
const scenarios: Readonly<Record<string, readonly string[]>> = {
  R91: ['dma-vs-punch'],
  R92: ['dma-vs-convert'],
  R93: ['dma-vs-convert-until-done'],
  R94: ['dma-first', 'dma-read-first'],
  R97: ['dma-map-vs-punch'],
  R98: ['dma-split-fails'],
};
/** P passes, F fails, L is a failure of liveness, - is not asked. */
const table: Readonly<Record<keyof typeof schemes, string>> = {
  U0: 'F F - F - -',
  U1: 'P P L F - -',
  U2: 'P P P P P P',
  U3: 'P P P P P F',
};
const rows = Object.entries(table).flatMap(([user, row]) =>
  Object.keys(scenarios).map((race, at) => [user as keyof typeof schemes, race, row.split(' ')[at]] as const),
);

it.each(rows.filter(([, , verdict]) => verdict !== '-'))('%s against %s: %s', (user, race, verdict) => {
  for (const scenario of scenarios[race]) {
    const cell = cells.find(
      (each) => each.scenario === scenario && each.scheme === schemes[user] && Object.keys(each.set).length === 0,
    );
    const found = cell?.expect === 'clean' ? 'P' : cell?.expect === 'livelock' ? 'L' : cell === undefined ? '-' : 'F';
    expect(found).toBe(verdict);
  }
});

it('is in the document as it is here', () => {
  for (const [user, row] of Object.entries(table))
    expect(document).toContain(`| ${user} | ${row.split(' ').join(' | ')} |`);
});
