/**
 * The vendor module of KVM and its end: kvm_gmem_exit() (virt/kvm/guest_memfd.c), which kvm_exit() calls when the module is
 * unloaded (keys: docs/kernel.md). A module goes when nobody has a reference; files and VMs have one each. Imported by the registry,
 * by what gives a reference back and by what calls into the module.
 */

import { waitUntil } from '../../core/ops/choice.js';
import type { Op } from '../../core/ops/op.js';
import type { Routine } from '../../core/ops/routine.js';
import { EAGAIN } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import { callKind } from './call-kind.js';

/** delete_module(2) of the vendor module. */
export const moduleExitCall = callKind({
  name: 'module-exit',
  by: 'host',
  pages: 'none',
  takes: {},
  needs: ['fileEnds', 'moduleExits'],
  words: () => 'unload the module',
  routine: (g) => () => moduleExit(g),
});

/** 0, or -EAGAIN (EWOULDBLOCK) where somebody has a reference. */
function* moduleExit(g: Gmem): Routine<number> {
  const { references, loaded } = g.world.platform.module!;
  if (!(yield* references.cmpxchg(0, -1).named('try_stop_module()'))) return -EAGAIN;
  yield* inFunction('kvm_gmem_exit', g.version, () => g.scheme.exitGmem(g));
  yield* loaded.write(0).named('free_module()');
  return 0;
}

/** kvm_gmem_exit(): callbacks of RCU come first that are on their way, and then the slab goes. */
export function* barrierThenDestroy(g: Gmem): Routine {
  const callbacks = g.world.inodes.map(({ end }) => end!.freeInode!.life);
  yield* waitUntil(callbacks, (...lives) => lives.every((life) => life !== 1), 'rcu_barrier()');
  yield* destroySlab(g);
}

/** kmem_cache_destroy(kvm_gmem_inode_cachep) */
export function destroySlab(g: Gmem): Op<void> {
  return g.world.platform.module!.slab.write(0).named('kmem_cache_destroy()');
}

/** module_put(), fops_put(), in worlds in which the module goes. */
export function* putModule(g: Gmem): Routine {
  const { module } = g.world.platform;
  if (module !== undefined) yield* module.references.add(-1).named('module_put()');
}

/** A call of what lies in the vendor module, the hook of an architecture say. */
export function* callsModule(g: Gmem): Routine {
  const { module } = g.world.platform;
  if (module === undefined) return;
  const words = 'the code of a module is called that is unloaded';
  yield* module.loaded.apply<void>('static_call()', 'none', {
    violation: (loaded) => (loaded === 1 ? undefined : { kind: 'use-after-free', words }),
  });
}

/** Whether the slab is still there, for who gives an object back to it: a part of that section. */
export function* slabIsThere(g: Gmem): Routine {
  const { module } = g.world.platform;
  if (module === undefined) return;
  const words = 'an inode goes back to a slab that is destroyed';
  yield* module.slab.apply<void>('kvm_gmem_inode_cachep', 'none', {
    violation: (slab) => (slab === 1 ? undefined : { kind: 'use-after-free', words }),
  });
}
