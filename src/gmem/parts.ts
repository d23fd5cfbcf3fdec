/**
 * Parts: what of the kernel a world has beyond what every world needs. A world pays in states for each, so it has only
 * those that somebody in it can see. Imported by the world and its calls.
 */

import type { FolioPartName } from '../../machines/folio-machine-of.js';
import type { Scenario } from './scenarios/scenario.js';

/** Which parts a world has. */
export interface Parts {
  /** Whether the page cache counts its pages (mapping->nrpages), so that truncating an empty one returns at once. */
  readonly pageCount: boolean;
  /**
   * Whether the memslot's userspace address lies in the mapping of the file. Whoever removes a user PTE then calls KVM's own
   * MMU notifier, which begins an invalidation, zaps and ends it.
   */
  readonly slotMapsFile: boolean;
  /** Whether flushing TLBs is a step, behind which no vCPU reaches what was zapped. */
  readonly flushes: boolean;
  /** Whether other memory than the file's has SPTEs, in the same root (ordinary-fault.ts). */
  readonly ordinaryMemory: boolean;
  /**
   * Whether kvm_tdp_mmu_map() gives up where another vCPU has written an entry of the same page tables meanwhile, one of an
   * upper level too. The vCPU faults again and comes to the same: only what the fault returns tells.
   */
  readonly mapsMeet: boolean;
  /** Whether the memslot of the file may be deleted and made again, as recordings show it. */
  readonly slotChanges: boolean;
  /**
   * Whether somebody else on the host may get a frame that is free (reuse-frame.ts). A frame is then freed as the RMP has it,
   * and found out by who stores to it; else to free one that is assigned is a finding by itself.
   */
  readonly nextOwner: boolean;
  /** Whether vCPUs have VMSA pages in the file (vmsa.ts). */
  readonly vmsas: boolean;
  /** Whether memory may fail, so that frames have a poison and everybody who gets a folio asks for it. */
  readonly poison: boolean;
  /** Whether the file has GUEST_MEMFD_FLAG_NO_DIRECT_MAP, and the scheme takes its pages out of the direct map. */
  readonly noDirectMap: boolean;
  /** Whether populate measures what the host wrote into the page itself, so that this is known of a frame. */
  readonly launchData: boolean;
  /** Whether the handler of a userfaultfd brings pages of its own, so that this is known of a frame. */
  readonly suppliedData: boolean;
  /** Whether the guest is a TD, whose private memory the TDX module maps in an S-EPT (sept.ts). */
  readonly tdPage: boolean;
  /** Whether a TD has to become runnable before its vCPUs may run (td-state.ts). */
  readonly tdState: boolean;
  /** Whether files are closed, and VMs and inodes come to their end (close.ts). */
  readonly fileEnds: boolean;
  /** Whether the descriptors of VMs are closed, so that a VM lasts only as long as its files. */
  readonly vmEnds: boolean;
  /** Whether guests are launched, and move from VM to VM, with the ASIDs by which the RMP names them (guest-identity.ts). */
  readonly asids: boolean;
  /** Whether VMs are linked to an inode while others go through the list of its files (link.ts). */
  readonly links: boolean;
  /** Whether KVM's vendor module is unloaded. */
  readonly moduleExits: boolean;
  /** Whether SNP is shut down. */
  readonly snpShutdown: boolean;
  /** Whether CPUs go offline and come online. */
  readonly cpuHotplug: boolean;
  /** Whether the VMM makes and deletes memslots, which vCPUs look up under SRCU (memslots.ts). */
  readonly memslots: boolean;
  /** Whether the VM is of the default type, without private memory: a memslot that goes takes all roots of its MMU along. */
  readonly zapsAllRoots: boolean;
  /** Whether the file is mapped for a device (dma.ts). */
  readonly devices: boolean;
  /** Whether a trusted device reaches private memory through the page table of the guest (trusted-dma.ts). */
  readonly trustedDevices: boolean;
  /** Whether a TD may be given up before its file is closed, and its key with it (terminate.ts). */
  readonly hkid: boolean;
}

/** The parts of a world that somebody wrote down. */
export const WRITTEN_WORLD: Parts = {
  pageCount: false,
  slotMapsFile: true,
  flushes: false,
  ordinaryMemory: false,
  mapsMeet: false,
  slotChanges: false,
  nextOwner: false,
  vmsas: false,
  poison: false,
  noDirectMap: false,
  launchData: false,
  suppliedData: false,
  tdPage: false,
  tdState: false,
  fileEnds: false,
  vmEnds: false,
  asids: false,
  links: false,
  moduleExits: false,
  snpShutdown: false,
  cpuHotplug: false,
  memslots: false,
  zapsAllRoots: false,
  devices: false,
  trustedDevices: false,
  hkid: false,
};

/** A part that a world has or has not. */
export type PartName = { [Name in keyof Parts]: Parts[Name] extends boolean ? Name : never }[keyof Parts];

/** The parts that the keys of a scenario ask for. */
export function partsOfKeys({ noDirectMap, arch }: Scenario): readonly PartName[] {
  return [
    ...(noDirectMap === true ? (['noDirectMap'] as const) : []),
    ...(arch === 'tdx' ? (['tdPage'] as const) : []),
  ];
}

/** The regions of a frame that parts of a world bring. */
export function folioPartsOf({
  poison,
  noDirectMap,
  launchData,
  suppliedData,
  tdPage,
  devices,
}: Parts): readonly FolioPartName[] {
  return [
    ...(poison ? (['poison'] as const) : []),
    ...(noDirectMap ? (['directMap'] as const) : []),
    ...(launchData ? (['launchData'] as const) : []),
    ...(suppliedData ? (['suppliedData'] as const) : []),
    ...(tdPage ? (['tdPage'] as const) : []),
    ...(devices ? (['devices'] as const) : []),
  ];
}

/** The parts of a written world whose calls and keys need some that not every world has. */
export function writtenWorldWith(needs: readonly PartName[]): Parts {
  return { ...WRITTEN_WORLD, ...Object.fromEntries(needs.map((name) => [name, true])) };
}

/** The parts of a world that was recorded: all that a recording shows. */
export const RECORDED_WORLD: Parts = {
  ...WRITTEN_WORLD,
  pageCount: true,
  flushes: true,
  ordinaryMemory: true,
  mapsMeet: true,
};
