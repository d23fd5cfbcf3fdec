/**
 * The calls that give a second VM the memory of the first: KVM_LINK_GUEST_MEMFD, as its RFC has it, which makes a new file of the
 * inode, and the binding of a memslot to that (keys: docs/kernel.md). Imported by the registry and by schemes.
 *
 * The new file gets onto the list of the inode as a file does that is made with its inode: without a lock. There nobody else can
 * know of the list.
 */

import type { Routine } from '../../core/ops/routine.js';
import { atomic } from '../atomic.js';
import { EBADF, EEXIST } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import { ALIVE } from '../world/ends.js';
import { callKind } from './call-kind.js';
import { fdget, fput } from './file-end.js';
import { underExclusiveLock } from './get-pfn.js';
import { listAdd } from './listed.js';

/** KVM_LINK_GUEST_MEMFD of the first file of the inode. */
export const linkCall = callKind({
  name: 'link',
  keepsSlots: true,
  by: 'host',
  pages: 'none',
  takes: {},
  needs: ['fileEnds', 'links'],
  words: (owner) => `link${owner.replace(' of', '')}`,
  routine: (g) => (): Routine<number> => link(g),
});

/** KVM_SET_USER_MEMORY_REGION2 that makes the memslots of a VM for its file. */
export const bindCall = callKind({
  name: 'bind',
  keepsSlots: true,
  by: 'host',
  pages: 'none',
  through: 'descriptor',
  takes: {},
  needs: ['fileEnds', 'links'],
  words: (owner) => `bind memslots to${owner.replace(' of', '')}`,
  routine: (g) => (): Routine<number> => bind(g),
});

function* link(g: Gmem): Routine<number> {
  const source = g.with({ file: g.file.inode.files[0] });
  if (source.file === g.file || !(yield* fdget(source))) return -EBADF;
  const result = yield* inFunction('__kvm_gmem_link', g.version, () => linked(g));
  yield* fput(source);
  return result;
}

function* linked(g: Gmem): Routine<number> {
  const { descriptor, references, life, listed } = g.file.end!;
  const { end: vmEnd } = g.file.vm;
  const { end: inodeEnd } = g.file.inode;
  function* made(): Routine<boolean> {
    if ((yield* life.read()) === ALIVE) return false;
    yield* life.write(ALIVE);
    yield* vmEnd!.users.get();
    yield* inodeEnd!.references.get();
    yield* references.cell.write(1);
    return true;
  }
  if (!(yield* atomic('alloc_file_clone()', made))) return -EEXIST;
  yield* g.scheme.listFile(g);
  yield* listed.write(1);
  yield* descriptor.write(1).named('fd_install()');
  return 0;
}

/** kvm_gmem_bind() */
function* bind(g: Gmem): Routine<number> {
  return yield* inFunction('kvm_gmem_bind', g.version, function* () {
    yield* g.slotsLock.lock();
    yield* underExclusiveLock(g, function* () {
      yield* g.file.end!.slotPointer.write(1);
      yield* g.file.end!.bound!.write(1).named('xa_store_range(&f->bindings)');
    });
    yield* g.slotsLock.unlock();
    return 0;
  });
}

/** list_add() of the RFC. */
export function* listUnlocked(g: Gmem): Routine {
  yield* listAdd(g);
}

/** The same under the invalidate lock. */
export function* listUnderLock(g: Gmem): Routine {
  yield* underExclusiveLock(g, () => listAdd(g));
}
