/**
 * guest_memfd as a provider: it knows no architecture and maps nothing for anybody, which is held over its own imports and over
 * what runs; what it answers by the type of an access; and that the four phases are in their order.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Executor } from '../../../src/core/run/executor.js';
import { EACCES, ENOMEM } from '../../../src/gmem/errno.js';
import { gmem } from '../../../src/gmem/model.js';
import { builtinScenario } from '../../../src/gmem/scenarios/builtin-scenarios.js';
import type { CallSpec } from '../../../src/gmem/scenarios/scenario.js';
import { compileModel } from '../../../src/model/model.js';
import { importsOf } from '../../tidy/imports-of.js';
import { play, stage } from '../stage.js';

const USERS = 'v3-inplace+user-contexts';
const SHARED = { attribute: 'shared' } as const;
const map: CallSpec = { call: 'dma-map', gfn: 0, count: 1 };
const write: CallSpec = { call: 'dma-write', gfn: 0 };
const convert = (to: 'private' | 'shared'): CallSpec => ({ call: 'convert', gfn: 0, count: 1, to });
const punch: CallSpec = { call: 'punch-hole', gfn: 0, count: 1 };
const guest = (as: 'private' | 'shared'): CallSpec => ({ call: 'read', gfn: 0, as });

/** A run of everybody in turn, as the functions that each op lies in, the outermost first, with the text of the op. */
async function opsOf(calls: Readonly<Record<string, readonly CallSpec[]>>, order: readonly string[]) {
  const actors = Object.entries(calls).map(([name, specs]) => ({
    name,
    kind: name.startsWith('vCPU') ? ('vcpu' as const) : ('host' as const),
    calls: specs.map((spec) => ({ spec })),
  }));
  const scenario = { ...builtinScenario('dma-vs-punch'), frames: 3, gate: false, actors };
  const executor = new Executor(await compileModel(gmem(scenario, USERS)));
  const ops: { functions: readonly string[]; text: string; region: string | undefined; writes: boolean }[] = [];
  executor.observer = (_, node) => {
    const { op, frame } = executor.automaton.info(node);
    const functions: string[] = [];
    for (let each = frame; each !== undefined; each = each.parent) functions.unshift(each.name);
    ops.push({
      functions,
      text: op?.spec.label ?? '',
      region: op?.spec.region?.name,
      writes: op?.spec.writes ?? false,
    });
  };
  for (const name of order) {
    const actor = actors.findIndex((each) => each.name === name);
    const before = executor.callsOf(actor);
    while (executor.callsOf(actor) === before && executor.violation === undefined) executor.step(actor, 0);
  }
  expect(executor.violation).toBeUndefined();
  return ops;
}

describe('the layers', () => {
  it('keep the architecture, and every user, out of what guest_memfd imports', () => {
    const path = 'src/gmem/users/memory-provider.ts';
    const text = readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
    const loaded = importsOf({ path, text }).filter(({ typeOnly }) => !typeOnly);
    expect(loaded.map(({ specifier }) => specifier).sort()).toEqual([
      '../calls/filemap.js',
      '../calls/get-pfn.js',
      '../errno.js',
      '../in-function.js',
    ]);
    // What it is given besides is the world itself, of which it may look at nothing that is a user's or an architecture's.
    expect(text).not.toMatch(/\bg\.(arch|scenario|iommu|sptes|userPtes|privateSptes|sharedSptes|sept)\b/);
  });

  it('have every step of the architecture within a context of KVM, and every mapping made by who uses it', async () => {
    const calls = {
      vCPU0: [guest('shared'), guest('private')],
      host: [map, convert('private'), convert('shared'), punch],
      device: [write, write],
    };
    const ops = await opsOf(calls, [...['host', 'vCPU0', 'device', 'host', 'vCPU0', 'host', 'device', 'host']]);
    const ofArch = ops.filter(({ functions }) => functions.some((name) => name.startsWith('sev_')));
    expect(
      new Set(ofArch.map(({ functions }) => functions.find((name) => name.startsWith('kvm_gmem_context_')))),
    ).toEqual(new Set(['kvm_gmem_context_make_ready', 'kvm_gmem_context_take_back']));
    const mapped = ops.filter(({ text }) => /^(MAP_|iommu_map|kvm_tdp_mmu_map)/.test(text) || /<- MAP_/.test(text));
    const makers = new Set(mapped.map(({ functions }) => functions.at(-1)));
    expect([...makers].sort()).toEqual(['iommufd_gmem_fault', 'kvm_tdp_page_fault']);
  });

  it.each([
    ['a conversion', convert('private')],
    ['a hole', punch],
  ])('have nothing mapped for anybody by %s', async (_, call) => {
    const world = await stage(USERS, { vCPU0: [guest('shared')], host: [map, call], device: [write] }, SHARED);
    world.call('host').call('vCPU0').call('device');
    expect([world.cell('shared_spte'), world.cell('iopte')]).toEqual([0, 0]);
    world.call('host');
    expect([world.cell('shared_spte'), world.cell('iopte'), world.cell('iotlb')]).toEqual(Array(3).fill(undefined));
  });
});

describe('a page', () => {
  it('is given to nobody as what it is not', async () => {
    const after = await play(USERS, [map, convert('private'), write], SHARED);
    expect(after.returned).toEqual([0, 0, -EACCES]);
  });

  it('is cleared before a device has it, and is not cleared again', async () => {
    const after = await play(USERS, [map, { call: 'dma-read', gfn: 0 }, write, guest('shared')], SHARED);
    expect([after.violation, after.times('clear_highpage($i)')]).toEqual([undefined, 1]);
  });
});

describe('an invalidation', () => {
  it('has everybody prepared, then unmapped, then the page changed, then everybody told', async () => {
    const after = await play(USERS, [map, write, convert('private')], SHARED);
    expect(
      after.missing(
        'folio_ref_count() as expected',
        'mmu_invalidate_in_progress++',
        'iommu_unmap($i)',
        'iommu_iotlb_sync($i)',
        'attributes[0] = private',
        'mmu_invalidate_seq++',
        'iommu_invalidate_seq++',
      ),
    ).toBeUndefined();
    expect(after.locksHeld).toEqual([]);
  });

  it.each([
    [USERS, 0],
    [`${USERS}+prepare-each-user`, undefined],
  ])('that the IOMMU fails leaves the guest its mapping under %s, if all prepare first', async (scheme, mapping) => {
    const world = { ...SHARED, iopteSplitFails: true, choices: [1] } as const;
    const after = await play(scheme, [map, guest('shared'), write, punch], world);
    expect(after.returned).toEqual([0, 0, 0, -ENOMEM]);
    expect(after.cell('shared_spte')).toBe(mapping);
    expect(after.cell('mmu_invalidate_in_progress')).toBe(0);
  });
});
