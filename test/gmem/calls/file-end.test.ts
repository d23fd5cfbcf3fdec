/** How a file, its VM and its inode come to their end, and what whoever comes late meets. */
import { describe, expect, it } from 'vitest';
import type { CallSpec } from '../../../src/gmem/calls/registry.js';
import { EBADF, EFAULT } from '../../../src/gmem/errno.js';
import { play, stage } from '../stage.js';

const close: CallSpec = { call: 'close', gfn: 0 };
const closeVm: CallSpec = { call: 'close-vm', gfn: 0 };
const write: CallSpec = { call: 'write', gfn: 0, as: 'private' };
const punch: CallSpec = { call: 'punch-hole', gfn: 0, count: 1 };
const populate: CallSpec = { call: 'populate', gfn: 0, count: 1 };

describe('the last fput() of a file', () => {
  it('is that of its descriptor: memslots forget it, the VM zaps, the inode is truncated', async () => {
    const played = await play('v3-inplace', [write, close]);
    const order = [
      'slot->gmem.file = 0',
      'kvm_tdp_mmu_unmap_gfn_range($i), kvm_flush_remote_tlbs()',
      'list_del(&f->entry)',
      'kfree(f)',
      'put(users_count)',
      'put(i_count)',
      'rmp_make_shared($i)',
      'call_rcu(&inode->i_rcu, i_callback)',
    ];
    expect([played.returned, played.violation, played.missing(...order)]).toEqual([[0, 0], undefined, undefined]);
    expect([played.folio(0).presence, played.cell('i_pages'), played.cell('kmem_cache_free(inode)')]).toEqual([
      'free',
      undefined,
      0,
    ]);
    expect(played.run('free_inode').cell('kmem_cache_free(inode)')).toBe(1);
  });

  it('is that of a call that is under way, which then releases the file itself', async () => {
    const played = await stage('v3-inplace', { puncher: [punch], closer: [close] });
    played.runTo('puncher', 'down_write(invalidate_lock)').call('closer');
    expect([played.cell('f_count'), played.times('kfree(f)')]).toEqual([1, 0]);
    expect(played.call('puncher').times('kfree(f)')).toBe(1);
  });

  it('is left to a task of its own where a vCPU drops it, which may map the page first', async () => {
    const played = await stage('v2-hook-every-fault', { vCPU0: [write], closer: [close] });
    played.runTo('vCPU0', 'folio_unlock($i)').call('closer').call('vCPU0');
    expect([played.returned, played.cell('private_spte'), played.times('kfree(f)')]).toEqual([[0, 0], 0, 0]);
    expect(played.run('delayed_fput').cell('private_spte')).toBeUndefined();
    expect(played.folio(0).presence).toBe('free');
  });
});

describe('behind it', () => {
  it('a descriptor is no descriptor, and a memslot leads nowhere', async () => {
    const played = await play('v3-inplace', [populate, close, close, punch, populate, write]);
    expect([played.returned, played.violation]).toEqual([[1, 0, -EBADF, -EBADF, -EFAULT, -EFAULT], undefined]);
  });

  it('a fault that has found the file before maps nothing', async () => {
    const played = await stage('v2-hook-every-fault', { vCPU0: [write], closer: [close] });
    played.runTo('vCPU0', 'folio_unlock($i)').call('closer').runTo('vCPU0', 'read_lock(mmu_lock)');
    expect(played.run('delayed_fput').call('vCPU0').returned).toEqual([0, 0, -EFAULT]);
    expect(played.times('kvm_tdp_mmu_map($i)')).toBe(0);
  });
});

describe('a VM', () => {
  it('lasts as long as its files, when its descriptors are closed', async () => {
    const played = await play('v3-inplace', [closeVm, closeVm, write, close]);
    expect([played.returned, played.cell('users_count')]).toEqual([[0, -EBADF, -EBADF, 0], 0]);
  });

  it('lasts as long as its descriptors and vCPUs, when its file is closed', async () => {
    const played = await stage('v3-inplace', { vCPU0: [write], closer: [close, closeVm] });
    played.runThrough('vCPU0', 'fdget(VM)').call('closer').call('closer');
    expect(played.cell('users_count')).toBe(1);
    expect([played.call('vCPU0').cell('users_count'), played.returned]).toEqual([0, [0, 0, -EFAULT]]);
  });
});
