/** What a correct kernel does and a checker must accept (docs/kernel.md). */

import { describe, expect, it } from 'vitest';
import type { CallSpec } from '../../src/gmem/scenarios/scenario.js';
import { stage } from './stage.js';

const versions = ['v1-uptodate-prepared', 'v2-hook-every-fault', 'v3-inplace'];
const write = (gfn = 0): CallSpec => ({ call: 'write', gfn, as: 'private' });
const punch = (gfn = 0): CallSpec => ({ call: 'punch-hole', gfn, count: 1 });
const convert = (to: 'private' | 'shared'): CallSpec => ({ call: 'convert', gfn: 0, count: 1, to });
const HINT = 'mmu_invalidate_retry_gfn_unsafe()';

describe.each(versions)('accepted under %s', (scheme) => {
  it('R18: a punch overtakes a fault that has its folio; the fault is stale and gets another one', async () => {
    const both = await stage(scheme, { vCPU0: [write()], puncher: [punch()] });
    both.runThrough('vCPU0', 'filemap_get_entry()').runThrough('vCPU0', HINT).run('puncher');
    both.run('vCPU0').run('vCPU0');
    expect(both.violation).toBeUndefined();
    expect(both.returned).toEqual([0, 0]);
    expect(both.times('rmp_make_private($i)')).toBe(2);
    expect(both.times('rmp_make_shared($i)')).toBe(1);
    expect(both.folio(both.cell('i_pages') ?? -1)).toMatchObject({ guest: 'private', contents: 'guest' });
  });

  it('-EAGAIN with the user PTEs gone, while a user fault holds its folio', async () => {
    const both = await stage(
      scheme,
      { toucher: [{ call: 'host-write', gfn: 0 }], converter: [convert('private')] },
      { attribute: 'shared' },
    );
    both.runTo('toucher', 'finish_fault($i)').run('converter');
    expect(both.returned).toEqual([-11]);
    both.run('toucher');
    expect(both.violation).toBeUndefined();
    expect(both.returned).toEqual([-11, 0]);
    expect(both.cell('attributes')).toBe(0);
  });

  it('a hook that finds the page assigned already', async () => {
    const both = await stage(scheme, { vCPU0: [write()], vCPU1: [write()] });
    both.runTo('vCPU1', 'filemap_get_entry()').run('vCPU0').run('vCPU1');
    expect(both.violation).toBeUndefined();
    expect(both.returned).toEqual([0, 0]);
    expect(both.times('rmp_make_private($i)')).toBe(1);
  });

  it('a retry of a gfn that only the union of two invalidations covers', async () => {
    const three = await stage(
      scheme,
      { vCPU0: [write(1)], puncher: [punch(2)], converter: [convert('shared')] },
      { gfns: 3, conversion: 'vm-attributes' },
    );
    three.runTo('puncher', 'filemap_get_entry()');
    expect([three.cell('mmu_invalidate_range_start'), three.cell('mmu_invalidate_range_end')]).toEqual([2, 3]);
    three.runTo('converter', 'attributes[0] = shared');
    expect([three.cell('mmu_invalidate_range_start'), three.cell('mmu_invalidate_range_end')]).toEqual([0, 3]);
    three.run('vCPU0');
    expect(three.times('read_lock(mmu_lock)')).toBe(0);
    three.run('converter').run('puncher').run('vCPU0');
    expect(three.violation).toBeUndefined();
    expect(three.returned).toEqual([0, 0, 0]);
  });
});
