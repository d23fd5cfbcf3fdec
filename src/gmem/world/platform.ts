/**
 * Platform: what there is once on a machine, and may go while files do: KVM's vendor module with the slab of inodes, SNP itself,
 * and the CPUs. Declared by the world, each in worlds that have the part.
 */

import type { Cell } from '../../core/ops/cell.js';
import type { ModelBuilder } from '../../model/model-builder.js';
import type { RwSem } from '../../primitives/lock.js';
import type { Parts } from '../parts.js';

/** The vendor module, kvm_amd say: owner of the operations of every file, and of the hooks of guest_memfd. */
export interface VendorModule {
  /** module->refcnt: one for each file and one for each VM. Below zero it goes, and nobody gets a reference any more. */
  readonly references: Cell;
  /** Whether its code is loaded. */
  readonly loaded: Cell;
  /** Whether the slab is there that inodes come from. */
  readonly slab: Cell;
}

/** SEV-SNP as the host has it. */
export interface SnpPlatform {
  /** CC_ATTR_HOST_SEV_SNP: what everybody asks who is about to use it. */
  readonly attribute: Cell;
  /** Whether the hardware has it on: RMPUPDATE and RMPOPT are no instructions else. */
  readonly enabled: Cell;
}

/** The CPUs beyond the one that is always there, as far as RMPOPT has to do with them. */
export interface Cpus {
  /** cpu_hotplug_lock */
  readonly lock: RwSem;
  /** cpu_hotplug_disabled: whether CPUs must neither go nor come. */
  readonly disabled: Cell;
  /** How many tasks must not leave CPU 1 (migrate_disable()). */
  readonly pinned: Cell;
  /** Whether CPU 1 is online, where it was from the start and has its MSR. */
  readonly online: Cell;
  /** Whether CPU 2 is, which was offline at set-up. */
  readonly late: Cell;
}

/** What a machine has. */
export class Platform {
  readonly module: VendorModule | undefined;
  readonly snp: SnpPlatform | undefined;
  readonly cpus: Cpus | undefined;

  /**
   * @param users how many files and VMs there are
   * @param isHotplugOff whether CPUs must neither go nor come
   */
  constructor(m: ModelBuilder, { moduleExits, snpShutdown, cpuHotplug }: Parts, users: number, isHotplugOff: boolean) {
    this.module = moduleExits
      ? {
          references: m.cell('module->refcnt', { initial: users }),
          loaded: m.cell('vendor_module', { initial: 1 }),
          slab: m.cell('kvm_gmem_inode_cachep', { initial: 1 }),
        }
      : undefined;
    this.snp = snpShutdown
      ? {
          attribute: m.cell('CC_ATTR_HOST_SEV_SNP', { initial: 1 }),
          enabled: m.cell('snp_enabled', { initial: 1 }),
        }
      : undefined;
    this.cpus = cpuHotplug
      ? {
          lock: m.rwsem('cpu_hotplug_lock'),
          disabled: m.cell('cpu_hotplug_disabled', { initial: isHotplugOff ? 1 : 0 }),
          pinned: m.cell('cpu1.pinned'),
          online: m.cell('cpu1.online', { initial: 1 }),
          late: m.cell('cpu2.online'),
        }
      : undefined;
  }
}
