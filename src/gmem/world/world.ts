/**
 * World: the objects of a scenario under a scheme, as cells: page frames, inodes, VMs with the processes that run them,
 * and the files that join them. Parts that no call needs are not declared, so a small world has few words. Routines see
 * it through one file at a time (gmem.ts). Imported by models of guest_memfd.
 */

import { ModelError } from '../../core/errors.js';
import type { CellArray } from '../../core/ops/cell.js';
import type { Region } from '../../core/ops/layout.js';
import type { NamedDomain } from '../../core/program/program-builder.js';
import type { ModelBuilder } from '../../model/model-builder.js';
import type { DeferredWork } from '../../primitives/deferred.js';
import type { Arch } from '../arch/arch.js';
import { archNone } from '../arch/none.js';
import { archPkvm } from '../arch/pkvm.js';
import { archSnp } from '../arch/snp.js';
import { archTdx } from '../arch/tdx.js';
import { type Parts, WRITTEN_WORLD } from '../parts.js';
import type { Scenario, ScenarioFile } from '../scenarios/scenario.js';
import type { Scheme } from '../scheme.js';
import { FileEnd } from './ends.js';
import { File } from './file.js';
import { FileList } from './file-list.js';
import { Frames } from './frames.js';
import { Host } from './host.js';
import { Inode } from './inode.js';
import { instanceNames } from './instance-names.js';
import { PageArrays } from './parted.js';
import { Platform } from './platform.js';
import { Rmpopt } from './rmpopt.js';
import { Vm } from './vm.js';

/** What a world has beyond its scenario and its scheme. */
export interface WorldOptions {
  readonly parts?: Parts;
  /** Whether all of the scheme is this package's, and none of it comes from a user's file. */
  readonly isOurs?: boolean;
  /** The files; those of the scenario if left out. */
  readonly files?: readonly ScenarioFile[];
  /** By number, the files that their VMM maps, where files end. */
  readonly mapped?: readonly number[];
  /** Whether the guest of a VM is launched, or moves there, only while the world runs. None if left out. */
  readonly guestComesLater?: (vm: number) => boolean;
  /** By number, the files that are linked only while the world runs. */
  readonly linked?: readonly number[];
}

/**
 * The order of the words of a world with one of everything, which hashes of layouts and with them tokens hold on to: what
 * holds data stands before what is locked. Objects declare all of theirs at once; what is not named here comes behind.
 */
const WORD_ORDER = [
  ...['folio', 'folio->_refcount', 'folio_lock'],
  ...['i_pages', 'nrpages', 'attributes'],
  ...['private_spte', 'shared_spte', 'tlbs', 'ordinary_spte', 'mappers'],
  ...['user_pte', 'gup_pin'],
  ...['mmu_invalidate_seq', 'mmu_invalidate_in_progress', 'mmu_invalidate_range_start', 'mmu_invalidate_range_end'],
  ...['slots_lock', 'mmap_lock', 'invalidate_lock', 'mmu_lock'],
];

const ONE_FILE: readonly ScenarioFile[] = [{ vm: 0, inode: 0 }];

/** The world of one scenario under one scheme. */
export class World {
  readonly parts: Parts;
  /** Whether all of the scheme is this package's, and none of it comes from a user's file. */
  readonly isOurs: boolean;
  readonly arch: Arch;
  /** What refs to gfns refer to: gfns, or blocks of them where folios may be large. */
  readonly gfns: NamedDomain;
  readonly frames: Frames;
  readonly inodes: readonly Inode[];
  readonly vms: readonly Vm[];
  /** The process that runs each VM. */
  readonly hosts: readonly Host[];
  readonly files: readonly File[];
  /** sev_asid_bitmap: which ASIDs some VM has, from 1 on, in worlds that have the part. */
  readonly asidsInUse: CellArray | undefined;
  readonly platform: Platform;
  /** The bits that RMPOPT sets, where the scenario has them. */
  readonly rmpopt: Rmpopt | undefined;
  /** What the scheme's `declare` returned. */
  readonly declared: unknown;
  /** The workers to which the scheme leaves folios that it frees, by places in a block; `declareFreeWork` sets them. */
  freeWork: readonly DeferredWork[] | undefined;
  /** The regions that the scheme declared. */
  readonly declaredRegions: readonly Region[];

  constructor(
    m: ModelBuilder,
    readonly scenario: Scenario,
    readonly scheme: Scheme,
    {
      parts = WRITTEN_WORLD,
      isOurs = false,
      files = scenario.files ?? ONE_FILE,
      mapped = [],
      guestComesLater = () => false,
      linked = [],
    }: WorldOptions = {},
  ) {
    this.parts = parts;
    this.isOurs = isOurs;
    this.arch = { none: archNone, snp: archSnp, tdx: archTdx, pkvm: archPkvm }[scenario.arch];
    const arrays = new PageArrays(m, scenario.maxOrder ?? 0);
    const blocks = scenario.gfns / arrays.inBlock;
    // Which slot shows a page stands in the routine of a call, so a live run cannot make it on another one; and where files end,
    // every call is handed all pages.
    const isDrawn = scenario.slots === undefined && !parts.fileEnds && !parts.memslots;
    const drawn = isDrawn ? {} : ({ drawn: false } as const);
    this.gfns = m.domain(scenario.slots === undefined ? 'gfn' : 'index', blocks, drawn);
    const frames = new Frames(arrays, scenario, parts);
    this.frames = frames;
    const inodes = numbersOf('inode', files);
    const vms = numbersOf('vm', files);
    if (vms.length < files.length) throw new ModelError('a VM of this model has one memslot, and so one file');
    const isThere = (number: number) => !linked.includes(number);
    const filesOf = (kind: keyof ScenarioFile, number: number) =>
      files.filter((file, place) => file[kind] === number && isThere(place)).length;
    this.inodes = inodes.map((number) => new Inode(arrays, number, scenario, parts, frames, filesOf('inode', number)));
    this.vms = vms.map((number) => {
      const start = { fileCount: filesOf('vm', number), hasGuest: !guestComesLater(number) };
      return new Vm(arrays, number, scenario, parts, frames, start);
    });
    this.hosts = vms.map((number) => new Host(arrays, number, scenario, frames));
    this.files = files.map(({ vm, inode }, number) => {
      const pages = mapped.includes(number) ? scenario.gfns : 0;
      const end = parts.fileEnds
        ? new FileEnd(m, number, pages, parts.links ? !isThere(number) : undefined)
        : undefined;
      return new File(this.vms[vm], this.hosts[vm], this.inodes[inode], end);
    });
    for (const file of this.files) file.inode.files.push(file);
    for (const [number, inode] of parts.links ? this.inodes.entries() : []) {
      const there = inode.files.map((file) => isThere(this.files.indexOf(file)));
      inode.list = new FileList(m, instanceNames('inode', number), there);
    }
    const taken = this.vms.flatMap(({ asid }, number) => (guestComesLater(number) ? [] : [asid]));
    this.asidsInUse = parts.asids ? declareAsids(m, taken) : undefined;
    this.platform = new Platform(m, parts, files.length + vms.length, scheme.optimizing?.hotplug === 'off');
    const { rmpoptFrames } = scenario;
    this.rmpopt =
      rmpoptFrames === undefined
        ? undefined
        : new Rmpopt(m, rmpoptFrames, scenario.frames, inodes.length, scheme.optimizing ?? {});
    m.layout.arrange(WORD_ORDER);
    const { length } = m.layout.regions;
    this.declared = scheme.declare?.(m, scenario);
    this.declaredRegions = m.layout.regions.slice(length);
    if (this.declaredRegions.length > 0 && this.inodes.length > 1) {
      throw new ModelError(
        `scheme "${scheme.name}" declares cells, and has them once: not in a world of several inodes`,
      );
    }
  }
}

/** As many ASIDs as the VMs have at first, so that who comes later waits for one to be given up. */
function declareAsids(m: ModelBuilder, taken: readonly number[]): CellArray {
  const cells = m.cells('sev_asid_bitmap', Math.max(1, ...taken));
  for (const asid of taken) m.layout.setInitial(cells.region.base + asid - 1, 1);
  return cells;
}

/** The numbers of all objects of a kind that files name; none may be left out. */
function numbersOf(kind: keyof ScenarioFile, files: readonly ScenarioFile[]): readonly number[] {
  const named = new Set(files.map((file) => file[kind]));
  const numbers = Array.from(named, (_, number) => number);
  if (numbers.length > 0 && numbers.every((number) => named.has(number))) return numbers;
  throw new ModelError(`the files of a world name each ${kind} from 0 on, and not ${[...named].join(', ') || 'none'}`);
}
