import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { explore } from '../../src/explore/explore.js';
import { gmem } from '../../src/gmem/model.js';
import { builtinScenario } from '../../src/gmem/scenarios/builtin-scenarios.js';
import type { CallSpec } from '../../src/gmem/scenarios/scenario.js';
import { play, stage } from './stage.js';

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}.mjs`, import.meta.url));
const write: CallSpec = { call: 'write', gfn: 0, as: 'private' };
const punch: CallSpec = { call: 'punch-hole', gfn: 0, count: 1 };
const convert = (to: 'private' | 'shared'): CallSpec => ({ call: 'convert', gfn: 0, count: 1, to });
const host = (call: 'host-write' | 'pin' | 'user-fault'): CallSpec => ({ call, gfn: 0 });

describe('the invariants', () => {
  it('I8: the count of invalidations never drops below zero', async () => {
    const after = await play(fixture('ends-twice'), [punch]);
    expect(after.violation).toBe('unbalanced-invalidate');
  });

  it('I8: it is zero when everybody has finished', async () => {
    const model = gmem(builtinScenario('fault-vs-punch'), fixture('never-ends'));
    // A vCPU that faults after the begin retries for ever.
    const { findings } = await explore(model, { strategy: 'pct', schedules: 256, stepBound: 500, keepGoing: true });
    expect(findings.map(({ kind }) => kind)).toEqual(['unbalanced-invalidate', 'livelock']);
  });

  it('I4: a mapping that is installed too late is found when the folio is removed', async () => {
    const both = await stage('v2-hook-every-fault+check-outside-mmu-lock', { vCPU0: [write], puncher: [punch] });
    both.runTo('vCPU0', 'read_lock(mmu_lock)').runTo('puncher', 'delete_from_page_cache_batch()');
    both.runThrough('vCPU0', 'kvm_tdp_mmu_map($i)');
    expect(both.violation).toBeUndefined();
    expect(both.run('puncher').violation).toBe('stale-mapping');
  });

  it('I4: a mapping that is installed later still is found at once', async () => {
    const both = await stage('v2-hook-every-fault+check-outside-mmu-lock', { vCPU0: [write], puncher: [punch] });
    both.runTo('vCPU0', 'read_lock(mmu_lock)').runThrough('puncher', 'delete_from_page_cache_batch()');
    expect(both.run('vCPU0').violation).toBe('stale-mapping');
  });

  it('I5: a private mapping of what is shared by now', async () => {
    const both = await stage('v1-uptodate-prepared+no-seq-check', { vCPU0: [write], converter: [convert('shared')] });
    both.runTo('vCPU0', 'filemap_get_entry()').run('converter');
    expect(both.run('vCPU0').violation).toBe('attribute-mismatch');
  });

  it('I5: a user PTE on what is private by now', async () => {
    const world = { attribute: 'shared' } as const;
    const both = await stage(
      'v2-hook-every-fault',
      { user: [host('user-fault')], converter: [convert('private')] },
      world,
    );
    both.runTo('user', 'filemap_get_entry()').run('converter');
    expect(both.run('user').violation).toBe('attribute-mismatch');
  });

  it('I5: a pin on what is private by now', async () => {
    const world = { attribute: 'shared' } as const;
    const calls = { user: [host('host-write'), host('pin')], converter: [convert('private')] };
    const both = await stage('v3-inplace+refcount-accepts-mapcount', calls, world);
    both.call('user').runThrough('converter', 'folio_ref_count() as expected').run('user');
    expect(both.returned).toEqual([0, 0]);
    expect(both.run('converter').violation).toBe('attribute-mismatch');
  });
});
