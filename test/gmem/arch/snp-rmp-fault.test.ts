/** #NPF with the RMP bit: which accesses are refused, and what sev_handle_rmp_fault() does about it. */
import { describe, expect, it } from 'vitest';
import { gmem } from '../../../src/gmem/model.js';
import { parseScenario } from '../../../src/gmem/scenarios/parse-scenario.js';
import type { CallSpec } from '../../../src/gmem/scenarios/scenario.js';
import { verify } from '../../../src/verify/verify.js';
import { play, stage } from '../stage.js';

const V2 = 'v2-hook-every-fault+clear-whole-folio';
const V3b = 'v3-inplace+clear-whole-folio';
const LARGE = { gfns: 2, maxOrder: 1 };
const write = (gfn = 0): CallSpec => ({ call: 'write', gfn, as: 'private' });
const validate = (gfn = 0): CallSpec => ({ call: 'validate', gfn });

describe('a guest', () => {
  it('that validates 4K within a 2M entry has it split, and its large mapping zapped in an invalidation of its own', async () => {
    const after = await play(V2, [write(), validate()], LARGE);
    expect(after.returned).toEqual([0, 0]);
    const inOrder = after.missing(
      'PVALIDATE $i',
      'snp_lookup_rmpentry($i)',
      'psmash($i)',
      'write_lock(mmu_lock)',
      'mmu_invalidate_in_progress++',
      'kvm_tdp_mmu_unmap_gfn_range($i), kvm_flush_remote_tlbs()',
      'mmu_invalidate_seq++',
      'write_unlock(mmu_lock)',
      'PVALIDATE $i',
    );
    expect(inOrder).toBeUndefined();
    expect([after.cell('rmp_2m'), after.cell('private_leaf_order')]).toEqual([0, 0]);
    expect(after.cell('mmu_invalidate_in_progress')).toBe(0);
    expect(after.folio(0).contents).toBe('guest');
    expect(after.locksHeld).toEqual([]);
  });

  it('that validates a page of a 4K entry is not held up', async () => {
    const after = await play(V2, [write(), validate(), validate()], LARGE);
    expect(after.times('psmash($i)')).toBe(1);
  });

  it('that validates a page which is not mapped faults it in', async () => {
    const after = await play('v2-hook-every-fault', [validate()]);
    expect(after.returned).toEqual([0]);
    expect(after.folio(0)).toMatchObject({ guest: 'private', contents: 'zero' });
  });

  it('whose leaf is smaller than the entry has the entry split at its first access', async () => {
    const after = await play(`${V2}+map-one-page`, [write()], LARGE);
    expect(after.returned).toEqual([0]);
    expect(after.times('psmash($i)')).toBe(1);
    expect(after.cell('rmp_2m')).toBe(0);
  });

  it('without an RMP is never refused', async () => {
    const after = await play(`${V2}+map-one-page`, [write(), validate()], { ...LARGE, arch: 'none' });
    expect(after.returned).toEqual([0, 0]);
    expect(after.steps.filter((step) => step.startsWith('sev_handle_rmp_fault'))).toEqual([]);
  });
});

describe('sev_handle_rmp_fault()', () => {
  it('zaps from the gfn on, to the end of the block; a large leaf goes as a whole', async () => {
    const after = await play(V2, [write(), validate(1)], LARGE);
    expect([after.cell('mmu_invalidate_range_start'), after.cell('mmu_invalidate_range_end')]).toEqual([1, 2]);
    expect([after.cell('private_spte', 0), after.cell('private_spte', 1)]).toEqual([undefined, 0]);
  });

  it('leaves the zap to who was faster, once it has looked again (R36)', async () => {
    const set = await stage(V2, { vCPU0: [write(), validate()], vCPU1: [validate(1)] }, LARGE);
    set.call('vCPU0').runTo('vCPU1', 'psmash($i)').call('vCPU0');
    const zaps = () => set.times('mmu_invalidate_in_progress++');
    expect(zaps()).toBe(1);
    set.call('vCPU1');
    expect(zaps()).toBe(1);
    expect(set.returned).toEqual([0, 0, 0]);
  });

  it('only warns of a page that is not private any more', async () => {
    const share: CallSpec = { call: 'convert', gfn: 0, count: 1, to: 'shared' };
    const set = await stage(V3b, { vCPU0: [write(), validate()], host: [share] }, LARGE);
    set.call('vCPU0').runThrough('vCPU0', 'PVALIDATE $i').call('host').run('vCPU0');
    expect(set.times('psmash($i)')).toBe(1);
    expect(set.steps.filter((step) => step === 'sev_handle_rmp_fault: attributes[0] is private')).toHaveLength(1);
    expect(set.locksHeld).toEqual([]);
  });

  it('keeps no reference', async () => {
    const after = await play(V2, [write(), validate()], LARGE);
    expect(after.cell('folio->_refcount')).toBe(2);
  });

  const punched = `
title: a vCPU validates a page of a large folio while it is punched out
maxOrder: 1
gfns: 2
actors:
  - { name: vCPU0, calls: [validate: 0] }
  - { name: puncher, calls: [punch-hole: { gfn: 0, count: 2 }] }
`;
  it.each(['v1-uptodate-prepared', V2, V3b])('breaks nothing by its own lookup against a punch: %s', async (scheme) => {
    const { verdict, findings, states } = await verify(gmem(parseScenario(punched, 'punched.yaml'), scheme), {
      coverage: false,
    });
    expect(findings).toEqual([]);
    expect(verdict).toBe('verified');
    expect(states).toBeGreaterThan(1_000);
  });
});

it('its handler is of no help where PSMASH fails each time: the vCPU faults, is zapped, and faults again', async () => {
  const world = `
title: a vCPU validates a page of a large folio, and PSMASH fails
maxOrder: 1
gfns: 2
frames: 2
psmashFails: true
actors:
  - { name: vCPU0, calls: [validate: 0] }
`;
  const { findings } = await verify(gmem(parseScenario(world, 'fails.yaml'), V3b), { all: true, coverage: false });
  expect(findings.map(({ kind }) => kind)).toEqual(['starvation']);
  expect(findings[0].signature).toContain('sev_handle_rmp_fault');
});
