/** docs/schemes.md has every trait with its values and their words. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { traitWords } from '../../src/gmem/traits.js';
import { root } from '../cli/run-cli.js';

it('the table of traits is that of the program', () => {
  const markdown = readFileSync(join(root, 'docs/schemes.md'), 'utf8');
  const rows = Object.entries(traitWords).flatMap(([trait, values]) =>
    Object.entries(values).map(
      ([value, words], place) => `| ${place === 0 ? `\`${trait}\`` : ''} | \`${value}\` | ${words} |`,
    ),
  );
  const table = markdown.split('\n').filter((line) => /^\| (?:`\w+`)? \| `/.test(line));
  expect(table).toEqual(rows);
});
