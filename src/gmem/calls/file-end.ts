/**
 * How a file, its VM and its inode come to their end (virt/kvm/guest_memfd.c, fs/file_table.c, fs/inode.c; keys: docs/kernel.md).
 * Imported by the calls that close something, by whoever comes to a file, and by schemes.
 *
 * The last fput() runs __fput() in one task: kvm_gmem_release(), the reference of the module, iput(), and of the last file of an
 * inode its eviction. Only free_inode is left to RCU. A host task does that when its call is over, as task work does; what the
 * fault of a vCPU drops last is left to a task of its own. Nobody holds a lock in either.
 */

import type { Op } from '../../core/ops/op.js';
import type { Ref } from '../../core/ops/ref.js';
import type { Routine } from '../../core/ops/routine.js';
import type { Call } from '../../core/program/program-builder.js';
import type { ModelBuilder } from '../../model/model-builder.js';
import { SpawnedActor } from '../../primitives/spawned.js';
import { atomic } from '../atomic.js';
import { EBADF, EFAULT } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import type { Folio, Gfn } from '../scheme.js';
import { FREED, type InodeEnd } from '../world/ends.js';
import type { CallKind } from './call-kind.js';
import { truncateRange } from './filemap.js';
import { thenForgotten } from './forgetting.js';
import { underExclusiveLock } from './get-pfn.js';
import { freeAsid } from './guest-identity.js';
import { listDel } from './listed.js';
import { dropBindings, forgetFile, slotHasFile, slotLeadsToFile } from './memslots.js';
import { invalidateBegin, invalidateEnd } from './mmu.js';
import { putModule, slabIsThere } from './module.js';
import { declareScanWork, fputGoesOn } from './rmpopt.js';

/**
 * A call in a world where files end: what it comes to the file through has to be there, and stays until the call is over. -EBADF
 * without a descriptor, -EFAULT without a file behind the memslot.
 */
export function* throughFile(
  g: Gmem,
  kind: CallKind,
  values: Readonly<Record<string, string>>,
  pages: readonly Gfn[],
  inodePages: readonly Gfn[],
): Routine<number> {
  const view = g.with({ inodePages });
  const body = () => kind.routine(view, values)(...pages);
  const way = wayTo(g, kind);
  const throughVm =
    g.file.vm.end!.descriptors !== undefined && (kind.by === 'vcpu' || way === 'VM' || way === 'memslot');
  if (throughVm && !(yield* getVm(view))) return -EBADF;
  const result = yield* way === 'descriptor' || way === 'memslot' ? withFile(view, way, body) : body();
  if (throughVm) yield* putVm(view);
  return result;
}

/** What a call comes to the file through; of a vCPU that is kvm_gmem_get_pfn()'s business. */
function wayTo({ scenario }: Gmem, { through }: CallKind): 'descriptor' | 'memslot' | 'mapping' | 'VM' | undefined {
  if (through !== 'descriptor, if in place') return through;
  return scenario.conversion === 'in-place' ? 'descriptor' : 'VM';
}

function* withFile(g: Gmem, way: 'descriptor' | 'memslot', body: () => Routine<number>): Routine<number> {
  if (!(yield* way === 'descriptor' ? fdget(g) : getFileActive(g))) return way === 'descriptor' ? -EBADF : -EFAULT;
  const result = yield* body();
  yield* fput(g);
  return result;
}

/** close(2) of a descriptor of the file. 0 or -EBADF. */
export function* closeFile(g: Gmem): Routine<number> {
  if (!(yield* g.file.end!.descriptor.cmpxchg(1, 0).named('file_close_fd()'))) return -EBADF;
  yield* fput(g);
  return 0;
}

/** close(2) of the last descriptors of the VM and of its vCPUs. 0 or -EBADF. */
export function* closeVm(g: Gmem): Routine<number> {
  if (!(yield* g.file.vm.end!.descriptors!.cmpxchg(1, 0).named('file_close_fd()'))) return -EBADF;
  yield* putVm(g);
  return 0;
}

/** fdget(): whether there is a descriptor, of whose file it takes a reference. */
export function* fdget(g: Gmem): Routine<boolean> {
  const { descriptor, references } = g.file.end!;
  return yield* atomic('fdget()', function* () {
    if ((yield* descriptor.read()) === 0) return false;
    yield* references.get();
    return true;
  });
}

/**
 * kvm_gmem_get_file(): the file that the memslot points to, unless its last reference is gone. The pointer is read again once there
 * is a reference, so it is one step.
 */
export function* getFileActive(g: Gmem): Routine<boolean> {
  const { slotPointer, references } = g.file.end!;
  function* getActive(): Routine<boolean> {
    const isThere = g.memslots === undefined ? (yield* slotPointer.read()) === 1 : yield* slotHasFile(g);
    return isThere && (yield* references.getUnlessZero());
  }
  return yield* atomic('get_file_active(&slot->gmem.file)', getActive, (isThere) => (isThere ? undefined : 'NULL'));
}

/** kvm_gmem_get_pfn() as everybody calls it who comes with a memslot: -EFAULT where there is no file behind that. */
export function* getPfnOfSlot(g: Gmem, gfn: Gfn, isPrivate: boolean): Routine<Folio | number> {
  if (!g.parts.fileEnds) {
    if (!(yield* slotLeadsToFile(g))) return -EFAULT;
    return yield* g.scheme.getPfn(g, gfn, isPrivate);
  }
  if (!(yield* getFileActive(g))) return -EFAULT;
  const folio = yield* g.scheme.getPfn(g, gfn, isPrivate);
  if (yield* g.file.end!.references.put()) yield* g.file.end!.lateFput!.spawn();
  return folio;
}

/** find_vma() of a fault, with mmap_lock held: whether the page is mapped. Always, where files do not end. */
export function* hasVma(g: Gmem, gfn: Gfn): Routine<boolean> {
  const { mapped } = g.file.end ?? {};
  return (
    mapped === undefined || (yield* mapped.at(gfn).apply<boolean>('find_vma()', 'boolean', { result: (vma) => vma }))
  );
}

/** munmap(2) of a page around what removes its PTE under mmap_lock: the VMA has a reference of the file, which goes last. */
export function* unmapping(g: Gmem, gfn: Gfn, removal: () => Routine): Routine {
  const { mapped } = g.file.end ?? {};
  yield* g.mmapLock.downWrite();
  yield* removal();
  const wasMapped = mapped !== undefined && (yield* mapped.at(gfn).cmpxchg(1, 0).named('unlink_file_vma()'));
  yield* g.mmapLock.upWrite();
  if (wasMapped) yield* fput(g);
}

/** fput(), by who holds no lock. */
export function* fput(g: Gmem): Routine {
  if (yield* g.file.end!.references.put()) yield* finalFput(g);
}

function* finalFput(g: Gmem): Routine {
  yield* fputGoesOn(g, 1);
  yield* inFunction('__fput', g.version, () => g.scheme.lastFput(g));
  yield* fputGoesOn(g, -1);
}

/** __fput() of every kernel that we read: the reference of the module goes before that of the inode. */
export function* releaseThenDrop(g: Gmem): Routine {
  yield* thenForgotten(() => g.scheme.releaseFile(g));
  yield* putModule(g);
  yield* iput(g);
}

/** The same with the reference of the module given back last. */
export function* dropThenPutModule(g: Gmem): Routine {
  yield* thenForgotten(() => g.scheme.releaseFile(g));
  yield* iput(g);
  yield* putModule(g);
}

/**
 * kvm_gmem_release(): nobody comes through the memslots any more, the VM forgets the memory, and the inode the file. The memory
 * stays: it is the inode's.
 */
export function* releaseFile(g: Gmem): Routine {
  const { slotPointer, listed, life } = g.file.end!;
  yield* inFunction('kvm_gmem_release', g.version, function* () {
    yield* isAlive(g);
    yield* g.slotsLock.lock();
    yield* underExclusiveLock(g, function* () {
      yield* g.memslots === undefined ? slotPointer.write(0) : forgetFile(g, g.inodePages);
      yield* invalidateBegin(g, g.inodePages, [true, false]);
      yield* g.scheme.bindingEnds(g, g.inodePages);
      yield* invalidateEnd(g, g.inodePages);
      yield* listed.write(0).named('list_del(&f->entry)');
      yield* listDel(g);
      yield* dropBindings(g, g.inodePages);
    });
    yield* g.slotsLock.unlock();
    yield* life.write(FREED).named('kfree(f)');
    yield* putVm(g);
  });
}

/** struct kvm is used: of a VM that is destroyed it is free memory. */
function isAlive(g: Gmem): Op<void> {
  const words = 'it is used after it was freed';
  return g.file.vm.end!.users.cell.apply('kvm', 'none', {
    violation: (count) => (count > 0 ? undefined : { kind: 'use-after-free', words }),
  });
}

function* getVm(g: Gmem): Routine<boolean> {
  const { descriptors, users } = g.file.vm.end!;
  return yield* atomic('fdget(VM)', function* () {
    if ((yield* descriptors!.read()) === 0) return false;
    yield* users.get();
    return true;
  });
}

/** kvm_put_kvm() */
function* putVm(g: Gmem): Routine {
  if (!(yield* g.file.vm.end!.users.put())) return;
  yield* inFunction('kvm_destroy_vm', g.version, () => g.scheme.destroyVm(g));
  yield* putModule(g);
}

/** kvm_arch_destroy_vm(): nobody in this model can see what of the VM is left by then, but for its ASID. */
export function* destroyVm(g: Gmem): Routine {
  yield* freeAsid(g);
}

/** iput(): the last file of an inode takes it along. */
function* iput(g: Gmem): Routine {
  const { references, freeInode } = g.file.inode.end!;
  if (!(yield* references.put())) return;
  yield* inFunction('evict', g.version, () => thenForgotten(() => g.scheme.evictInode(g)));
  yield* freeInode!.spawn().named('call_rcu(&inode->i_rcu, i_callback)');
}

/** evict() of every kernel that we read, which has no .evict_inode: truncate_inode_pages_final(). */
export function* evictInode(g: Gmem): Routine {
  yield* truncateRange(g, g.inodePages);
}

/** kvm_gmem_free_inode(), behind a grace period. */
export function* freeInode(g: Gmem): Routine {
  yield* freed(g, g.file.inode.end!);
}

function* freed(g: Gmem, { life }: InodeEnd): Routine {
  const free = life.apply<void>('kmem_cache_free()', 'none', {
    next: () => FREED,
    violation: (now) => (now === FREED ? { kind: 'use-after-free', words: 'it is freed a second time' } : undefined),
  });
  if (g.world.platform.module === undefined) return yield* free;
  yield* atomic('kmem_cache_free()', function* () {
    yield* slabIsThere(g);
    yield* free;
  });
}

/** Declares the tasks behind the actors of a scenario: the callback of each inode, and the __fput() of what a vCPU drops last. */
export function declareFileTasks(m: ModelBuilder, g: Gmem): void {
  if (!g.parts.fileEnds) return;
  const { files, inodes, scenario } = g.world;
  for (const { end, files: own } of inodes) {
    const view = g.with({ file: own[0] });
    end!.freeInode = m.spawned(end!.named('free_inode'), () =>
      inFunction('kvm_gmem_free_inode', g.version, () => view.scheme.freeInode(view)),
    );
  }
  declareScanWork(m, g);
  if (!scenario.actors.some(({ kind }) => kind === 'vcpu')) return;
  for (const file of files)
    file.end!.lateFput = withPages(m, g.with({ file }), file.end!.named('delayed_fput'), finalFput);
}

/** A task that is handed all pages of an inode. */
function withPages(m: ModelBuilder, g: Gmem, name: string, body: (g: Gmem) => Routine): SpawnedActor {
  const task = new SpawnedActor(name, m.cell(`${name}.life`));
  const run = (...refs: Ref[]) => task.run(() => body(g.with({ inodePages: refs })));
  const pages = Array.from({ length: g.scenario.gfns }, (_, page) => g.gfns.id(page));
  // Not by call(): whoever lists schemes loads this file, and would load the compiler of machines with it.
  m.actor(name, [{ name, routine: run as Call['routine'], args: pages, after: [] }], { daemon: true });
  m.finally(`${name} ends`, [task.life], task.ends, { kind: 'deadlock' });
  return task;
}
