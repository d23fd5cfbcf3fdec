import { expect, it } from 'vitest';
import { growingText } from '../../src/report/growing-text.js';

const grows = (cell: string, most: number) => ({ cell, least: 0, most });

it.each([
  [[grows('a', 45_000)], 'a grows without end as far as was seen (0 to 45,000): write it modulo n, or bound it.'],
  [
    [grows('a', 20), { cell: 'b', least: -9, most: 0 }],
    'a (0 to 20) and b (-9 to 0) grow without end as far as was seen: write them modulo n, or bound them.',
  ],
  [
    [grows('a', 20), grows('b', 21), grows('c', 22), grows('d', 23)],
    'a (0 to 20), b (0 to 21), c (0 to 22), and 1 more, grow without end as far as was seen: write them modulo n, or bound them.',
  ],
])('%j', (cells, text) => {
  expect(growingText(cells)).toBe(text);
});
