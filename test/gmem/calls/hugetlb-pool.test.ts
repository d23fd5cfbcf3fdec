/** Huge pages of a pool: their restructuring metadata, and who gives it back (R58). */
import { describe, expect, it } from 'vitest';
import type { CallSpec } from '../../../src/gmem/scenarios/scenario.js';
import { play, stage } from '../stage.js';

const write = (gfn: number): CallSpec => ({ call: 'write', gfn, as: 'private' });
const punch = (gfn: number): CallSpec => ({ call: 'punch-hole', gfn, count: 2 });
const allocate = (gfn: number): CallSpec => ({ call: 'allocate', gfn, count: 1 });
const HUGE = { arch: 'none', gfns: 4, frames: 4, maxOrder: 1 } as const;
const POOL = { ...HUGE, hugetlbPool: true } as const;
const SCHEME = 'v3d-hugetlb+clear-whole-folio';

describe('the metadata of a huge page', () => {
  it('is there while the file has the page', async () => {
    const had = await play(SCHEME, [write(1)], POOL);
    expect([had.cell('restructuring_metadata', 0), had.cell('restructuring_metadata', 1)]).toEqual([1, 0]);
    const gone = await play(SCHEME, [write(1), punch(0)], POOL);
    expect([gone.violation, gone.cell('restructuring_metadata')]).toEqual([undefined, 0]);
  });

  it('is erased where a split one is merged to be punched', async () => {
    const attributes = ['shared', 'private', 'private', 'private'] as const;
    const gone = await play(SCHEME, [allocate(0), punch(0)], { ...POOL, attributes });
    expect([gone.returned, gone.times('merge_folio($i)'), gone.cell('restructuring_metadata')]).toEqual([[0, 0], 1, 0]);
  });

  it('is in no world that does not ask for it', async () => {
    const without = await play(SCHEME, [write(1)], HUGE);
    expect(without.program.layout.regions.map(({ name }) => name)).not.toContain('restructuring_metadata');
  });
});

describe('who loses the insertion', () => {
  const race = async (scheme: string) => {
    const both = await stage(scheme, { vCPU0: [write(0)], vCPU1: [write(1), write(2)] }, POOL);
    return both.runTo('vCPU1', 'filemap_add_folio()').call('vCPU0').call('vCPU1');
  };

  it('gives its page back with the metadata, which the next owner meets (R58)', async () => {
    const both = await race(SCHEME);
    expect([both.violation, both.cell('restructuring_metadata', 0), both.cell('i_pages', 0)]).toEqual([
      undefined,
      1,
      1,
    ]);
    expect(both.call('vCPU1').violation).toBe('assertion');
  });

  it('gives it back without under restore-at-last-put', async () => {
    const both = await race(`${SCHEME}+restore-at-last-put`);
    expect(both.cell('restructuring_metadata', 0)).toBe(0);
    expect(both.call('vCPU1').violation).toBeUndefined();
  });
});
