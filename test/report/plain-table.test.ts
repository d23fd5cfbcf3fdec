import { expect, it } from 'vitest';
import { plainTable } from '../../src/report/plain-table.js';

it('names stand left, numbers flush right below their columns', () => {
  const rows = [
    ['folio_lock', '29,944', '83'],
    ['mmu_lock', '7', '1,000'],
  ] as const;
  expect(plainTable('Locks', ['acquired', 'contended'], rows)).toEqual([
    'Locks         acquired  contended',
    '  folio_lock    29,944         83',
    '  mmu_lock           7      1,000',
  ]);
});

it('a column that is empty in every row is left out, one that is empty in some is not', () => {
  const rows = [
    ['read', '1', '', ''],
    ['write', '2', '', '3'],
  ] as const;
  expect(plainTable('Calls', ['done', 'failed', 'timed'], rows)).toEqual([
    'Calls    done  timed',
    '  read      1',
    '  write     2      3',
  ]);
});

it('no rows, no lines', () => {
  expect(plainTable('Locks', ['acquired'], [])).toEqual([]);
});

it('a name of several lines stays on one', () => {
  expect(plainTable('Calls', ['done'], [['a\nb', '1']])).toEqual(['Calls  done', '  a b     1']);
});
