/**
 * A scenario: the small world in which a scheme is tried. Arch, frames, actors and the calls they make.
 *
 * Plain JSON values only, because a scenario travels to worker threads and into finding files. Written by
 * `parseScenario` (YAML) and `scenarioOfWindow` (recorded workloads), read by the gmem model; any file of gmem and of
 * the floors above may import it.
 */

import type { CallSpec } from '../calls/registry.js';

export type { CallSpec };

/** The two memory attributes of a gfn. */
export const accesses = ['private', 'shared'] as const;

/** How a page is, or is accessed as: `private` to the guest, or `shared` with the host. */
export type Access = (typeof accesses)[number];

/** The architectures: `none` has no hooks and no RMP, `snp` is AMD SEV-SNP, `tdx` is Intel TDX, `pkvm` is protected KVM on arm64. */
export const arches = ['none', 'snp', 'tdx', 'pkvm'] as const;

/** What stands behind the arch hooks. */
export type ArchName = (typeof arches)[number];

/** The two kinds of conversion between private and shared memory. */
export const conversions = ['in-place', 'vm-attributes'] as const;

/**
 * What a `convert` call is: `in-place` is __kvm_gmem_set_attributes() of the in-place series, which converts the page
 * itself; `vm-attributes` is kvm_vm_set_mem_attributes(), where private and shared memory are different pages.
 */
export type Conversion = (typeof conversions)[number];

/** The largest order of a folio. 2 or 4 pages stand for a 2M folio: only head, inside and neighbour make a difference. */
export const LARGEST_ORDER = 2;

/** Who makes calls: a `vcpu` those of a guest, a `host` task the others. */
export const actorKinds = ['vcpu', 'host'] as const;

/** What an actor of a scenario is. */
export type ActorKind = (typeof actorKinds)[number];

/** "Start only when the actor at index `actor` of the scenario has completed its first `calls` calls." */
export interface StartsAfter {
  readonly actor: number;
  readonly calls: number;
}

/** One call of an actor's script; `after` keeps the real-time order of a recorded workload. */
export interface ScenarioCall {
  readonly spec: CallSpec;
  readonly after?: readonly StartsAfter[];
}

/** An actor and its calls in order. A `vcpu` makes guest calls only, a `host` task host calls only. */
export interface ScenarioActor {
  readonly name: string;
  readonly kind: ActorKind;
  /** The file that its calls are about, by its place among `files`; a vCPU is one of that file's VM. Left out: the first. */
  readonly file?: number;
  readonly calls: readonly ScenarioCall[];
}

/** A memslot: `pages` gfns from `gfn` on show as many pages of the file, from `index` on. */
export interface Slot {
  readonly gfn: number;
  readonly pages: number;
  readonly index: number;
}

/** One guest_memfd file: which VM has it, and of which inode it is, both counted from 0. */
export interface ScenarioFile {
  readonly vm: number;
  readonly inode: number;
}

/** A whole scenario; every default is filled in. */
export interface Scenario {
  readonly name: string;
  /** One line, for `faultline list scenarios`. */
  readonly title: string;
  readonly arch: ArchName;
  /** Size of the file, in pages; without `slots` of the memslot as well. */
  readonly gfns: number;
  /** The memslots of the VM, of which no two overlap, in gfns or in pages of the file. Left out: one, in which gfn = index. */
  readonly slots?: readonly Slot[];
  /** The files: each of a VM of its own, whose memslots are those of every VM. Left out: one VM has one file of one inode. */
  readonly files?: readonly ScenarioFile[];
  /** Page frames of the host that the file may use; at least `gfns`. */
  readonly frames: number;
  /** The order of the largest folio, 1 or 2: gfns and frames lie in blocks of 2 or 4. Left out: folios of one page. */
  readonly maxOrder?: number;
  /** The initial attribute: of the file (`shared` is its INIT_SHARED flag), or with VM attributes of the VM's array. */
  readonly attribute: Access;
  /** The initial attribute of each page of the file: `attribute`, but for the gfns that the scenario overrides. */
  readonly attributes: readonly Access[];
  readonly conversion: Conversion;
  /** KVM's launch gate. true: guest calls wait until every populate call has completed; false: they race with it. */
  readonly gate: boolean;
  /** Whether the arch hook may fail (a choice of the environment). */
  readonly hookFails: boolean;
  /** Whether allocating a folio may fail (a choice of the environment). */
  readonly allocationFails: boolean;
  /** Whether a new folio lies in a CPU's LRU-add batch first, which has a reference to it. Left out: it does not. */
  readonly lruBatch?: true;
  /** Whether RMPUPDATE may fail on the way back, at free and at conversion to shared. Left out where it may not. */
  readonly unassignFails?: true;
  /** Whether the firmware may reject a page that populate hands it. Left out where it may not. */
  readonly launchFails?: true;
  /** Whether the file has GUEST_MEMFD_FLAG_NO_DIRECT_MAP. Left out where it has not. */
  readonly noDirectMap?: true;
  /** Whether PSMASH, which makes 4K entries of a 2M entry of the RMP, may fail. Left out where it may not. */
  readonly psmashFails?: true;
  /** Whether there may be no memory to split a large leaf of the S-EPT. Left out where there always is. */
  readonly septSplitFails?: true;
  /** Whether TDH.MEM.PAGE.REMOVE may fail, which takes a page out of the S-EPT. Left out where it may not. */
  readonly septRemoveFails?: true;
  /** Whether SEAMCALLs on the S-EPT of a TD may be busy. Left out where they are not. */
  readonly septBusy?: true;
  /** Whether there may be no memory to split an IOPTE that pages of a range share with others. Left out where there always is. */
  readonly iopteSplitFails?: true;
  /** Whether the TDX module keeps what it knows of pages of 4K only for regions that have some (dynamic PAMT). Left out: for all. */
  readonly dynamicPamt?: true;
  /** Whether TDH.PHYMEM.PAMT.REMOVE may fail. Left out where it may not. */
  readonly pamtRemoveFails?: true;
  /**
   * Whether blocks of frames are huge pages of a HugeTLB pool, which keeps metadata about each that guest_memfd has. Left out:
   * nothing is known of where blocks come from.
   */
  readonly hugetlbPool?: true;
  /** How many frames are a GB, of which the processor keeps a bit that RMPOPT sets. Left out: there is no RMPOPT. */
  readonly rmpoptFrames?: number;
  /** Whether the end of a file may take longer than the delay of a work. Left out where it may not. */
  readonly slowEvict?: true;
  readonly actors: readonly ScenarioActor[];
}

/**
 * The largest scenario that is accepted; the bound of `actors` is that of the controlled engines, that of `liveActors`
 * holds for copies that a live run makes.
 */
export const scenarioBounds = { actors: 30, liveActors: 256, gfns: 4096, frames: 8192, files: 4 } as const;
