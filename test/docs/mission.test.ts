/** Each sentence of the threads behind the project is shown by a cell whose result is expected, or has its reason. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { root } from '../cli/run-cli.js';
import { missionRows } from './mission.js';

const rows = missionRows(readFileSync(join(root, 'docs', 'kernel.md'), 'utf8'));
const expected = parse(readFileSync(join(root, 'test', 'expected.yaml'), 'utf8')) as {
  readonly cells: readonly {
    readonly scenario: string;
    readonly scheme: string;
    readonly set?: Readonly<Record<string, unknown>>;
    readonly expect: string;
  }[];
};

describe('What the five threads say', () => {
  it('has sentences of every thread', () => {
    expect([...new Set(rows.map((row) => row.thread))].sort()).toEqual(['000', '001', '002', '003', '004']);
  });

  it.each(rows)('$thread: $says', ({ cells, shownBy }) => {
    if (cells.length === 0) expect(shownBy).toMatch(/^not in a cell: \S/);
    for (const { scenario, scheme, set, expect: result } of cells) {
      const cell = expected.cells.find(
        (of) =>
          of.scenario === scenario &&
          of.scheme === scheme &&
          Object.entries(of.set ?? {})
            .map(([key, value]) => `${key}: ${value}`)
            .join(', ') === set,
      );
      expect({ scenario, scheme, set, expect: cell?.expect }).toEqual({ scenario, scheme, set, expect: result });
    }
  });
});
