import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { traceOf } from '../../src/core/story/trace.js';
import { compileModel, defineModel, type Model } from '../../src/index.js';
import { columnHeads } from '../../src/report/column-heads.js';
import { type ColumnRow, columnRows } from '../../src/report/column-rows.js';
import { columnsOf } from '../../src/report/columns.js';
import { randomTrace } from './random-run.js';
import { counter, folios, lockOrder } from './toy-models.js';

async function columns(model: Model, steps: readonly number[], choices: readonly number[] = []): Promise<string> {
  const program = await compileModel(model);
  const trace = traceOf(program, program.actors, { steps, choices });
  expect(trace.cutShort).toBeUndefined();
  return columnsOf(trace);
}

describe('whole reports', () => {
  test('a check of finished runs: the kind stands below the last step', async () => {
    expect(await columns(counter, [0, 1, 0, 1])).toBe(`\
teller0 (deposit)  teller1 (deposit)
-----------------  -----------------
balance -> 0
                   balance -> 0
balance = 1
                   balance = 1

 *** assertion *** when every actor has finished

When this happens, a deposit was lost.

Locks held: none.
`);
  });

  test('a refused event: functions, a fold, the step that breaks, the sentence of the machine, the locks', async () => {
    const fault = [0, 0, 0, 0];
    const punch = [1, 1, 1, 1, 1];
    expect(await columns(folios, [...fault, 0, 0, 0, 0, 0, ...punch, 0, 0, 0, 0, 0, 0], [0])).toBe(`\
vCPU0 (fault gfn 0, fault gfn 0 again)          CPU1 (punch hole)
--------------------------------------          -----------------
fault gfn 0:
filemap_get_folio()
  i_pages[0] -> NULL
claim folio (ALLOCATE) -> folio 0
folio[0] <- CLEAR
filemap_add_folio() -> true
fault gfn 0 again:
filemap_get_folio()
  i_pages[0] -> folio 0
kvm_gmem_get_pfn()
  folio_lock(folio_lock[0])
  folio_test_uptodate() -> false
  folio[0] <- MARK_UPTODATE
  folio_unlock(folio_lock[0])
                                                kvm_gmem_punch_hole()
                                                  signal_pending() -> false
                                                  i_pages[0] -> folio 0
                                                  folio_lock(folio_lock[0])
                                                  i_pages[0] = NULL
                                                  folio[0] <- REMOVE
...
kvm_tdp_mmu_map()
  folio[0] <- MAP_SHARED *** stale-mapping ***

When this happens, a folio that is not in the page cache is mapped: no
later punch or conversion will find the mapping, and it outlives the folio.

Locks held:
  CPU1: folio_lock[0]
`);
  });

  test('a schedule that does not fit says where it ends', async () => {
    const program = await compileModel(counter);
    const trace = traceOf(program, program.actors, { steps: [0, 0, 0], choices: [] });
    expect(columnsOf(trace)).toMatch(/\n\nThe schedule cannot be followed to its end: teller0 cannot take step 3\.\n$/);
  });

  test('a program that is wrong from the start has no steps to show', async () => {
    const model = defineModel({
      name: 'empty',
      build(m) {
        const cell = m.cell('cell');
        m.actor('idle', []);
        m.finally('set', [cell], (value) => value === 1 || 'nobody set the cell.');
      },
    });
    expect(await columns(model, [])).toBe(`\
(no steps)

 *** assertion *** when every actor has finished

When this happens, nobody set the cell.

Locks held: none.
`);
  });
});

describe('the convention, over random schedules', () => {
  const models = [
    ...[2, 3, 8].map((tellers) => counter.with({ tellers })),
    lockOrder,
    ...[1, 2, 3, 4].map((vcpus) => folios.with({ vcpus })),
  ];
  const runs = fc.record({
    model: fc.nat({ max: models.length - 1 }),
    seed: fc.nat(),
    limit: fc.integer({ min: 1, max: 80 }),
  });

  test('lines are at most 75 wide with up to three columns, 100 with more, and hold no tabs or trailing spaces', async () => {
    await fc.assert(
      fc.asyncProperty(runs, async ({ model, seed, limit }) => {
        const trace = randomTrace(await compileModel(models[model]), seed, limit);
        const text = columnsOf(trace);
        const width = columnHeads(trace).length <= 3 ? 75 : 100;
        for (const line of text.split('\n')) {
          expect(line.length).toBeLessThanOrEqual(width);
          expect(line).not.toMatch(/\t|\s$/);
        }
        expect(text).toMatch(/[^\n]\n$/);
      }),
      { numRuns: 200 },
    );
  });

  test('every row starts a line of its own, in the column of its actor, two spaces deeper for each function', async () => {
    await fc.assert(
      fc.asyncProperty(runs, async ({ model, seed, limit }) => {
        const trace = randomTrace(await compileModel(models[model]), seed, limit);
        const heads = columnHeads(trace);
        // More actors than columns can be had are listed; deadlocks show locks only.
        fc.pre(heads.length <= 5 && trace.deadlock === undefined);
        const lines = columnsOf(trace).split('\n');
        const rule = lines.findIndex((line) => /^[- ]+$/.test(line));
        const starts = [...lines[rule].matchAll(/-+/g)].map(({ index }) => index);
        expect(starts.length).toBe(heads.length);
        let at = rule + 1;
        for (const row of columnRows(trace)) {
          const column = heads.findIndex(({ actor }) => actor === row.actor);
          at = expectRow(lines, at, row, starts[column], starts[column + 1] ?? 100);
        }
        expect(lines[at]).toBe('');
      }),
      { numRuns: 200 },
    );
  });

  test('every step is shown once, or in a fold', async () => {
    await fc.assert(
      fc.asyncProperty(runs, async ({ model, seed, limit }) => {
        const trace = randomTrace(await compileModel(models[model]), seed, limit);
        fc.pre(trace.deadlock === undefined);
        const rows = columnRows(trace);
        const shown = rows.filter(({ kind }) => kind === 'step').length;
        const folds = rows.filter(({ kind }) => kind === 'fold').length;
        if (folds === 0) expect(shown).toBe(trace.steps.length);
        else expect(trace.steps.length - shown).toBeGreaterThanOrEqual(4 * folds);
      }),
    );
  });
});

/** Checks the lines of one row; returns the line behind it. */
function expectRow(lines: readonly string[], first: number, row: ColumnRow, start: number, end: number): number {
  const mark = row.breaks === undefined ? '' : `*** ${row.breaks} ***`;
  const expected = bare(`${row.text}${mark}`);
  let text = '';
  let at = first;
  for (; text !== expected; at++) {
    const line = lines[at];
    const indent = line.length - line.trimStart().length;
    if (at === first) expect(indent).toBe(start + 2 * row.depth);
    else if (line.trim() !== mark) expect(indent).toBeGreaterThan(start + 2 * row.depth);
    // The mark may leave its column, to be kept whole.
    if (line.trim() !== mark) expect(line.length).toBeLessThanOrEqual(end);
    text += bare(line);
    expect(expected.startsWith(text)).toBe(true);
  }
  return at;
}

function bare(text: string): string {
  return text.replaceAll(' ', '');
}
