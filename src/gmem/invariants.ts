/**
 * Invariants that span objects, as checks; the letters are keys of docs/kernel.md, which has the whole list.
 *
 * What one folio can see for itself is refused by its machine: I1 (leak), I2 (lost-write), I3 (host-rmp-fault), I6
 * (free-while-assigned), I7 (double-prepare), I12 (populate-overwrite, lost-write over an image); I21 and I23 for devices (use-after-free, leak). I10 is checked by the
 * store of an attribute. I15 is checked by who splits a folio and
 * who maps one. Here: I4, I5, I8 and I22. They are stricter than their text where correct code is: no mapping may
 * be stale even inside begin..end, because begin and zap are one section of mmu_lock. Imported by the model.
 */

import type { Cell } from '../core/ops/cell.js';
import type { ModelBuilder } from '../model/model-builder.js';
import { PRIVATE } from './cell-values.js';
import type { Scenario } from './scenarios/scenario.js';
import { slotShowing } from './scenarios/slots.js';
import { ALIVE, type FileEnd, type InodeEnd } from './world/ends.js';
import type { File } from './world/file.js';
import { reachedNodes } from './world/file-list.js';
import type { Frames } from './world/frames.js';
import type { Inode } from './world/inode.js';
import type { Iommu } from './world/iommu.js';
import { NO_REQUEST, type Vmsas } from './world/vmsas.js';
import type { World } from './world/world.js';

/** Declares the checks. */
export function declareInvariants(m: ModelBuilder, world: World): void {
  const { scenario, files, inodes, vms, frames } = world;
  for (const file of files) {
    for (let gfn = 0; gfn < scenario.gfns; gfn++) {
      declareMappings(m, file, gfn);
      declareAttributes(m, file, gfn);
    }
  }
  declarePool(m, frames);
  declareOptimized(m, world);
  for (const file of files) declareMemslots(m, file, scenario);
  for (const file of files) if (file.end !== undefined) declareFileEnd(m, file, file.end);
  for (const inode of inodes) if (inode.end !== undefined) declareInodeEnd(m, inode, inode.end, scenario.gfns);
  for (const inode of inodes) declareFileList(m, inode);
  for (const { iommu } of inodes) if (iommu !== undefined) declareUsers(m, iommu);
  declarePamt(m, frames);
  for (const { invalidateInProgress, vmsas } of vms) {
    declareBalance(m, invalidateInProgress);
    for (let gfn = 0; vmsas !== undefined && gfn < scenario.gfns; gfn++) declareVmsa(m, vmsas, gfn);
  }
}

/** I4 and I9 where memslots change: the guest maps nothing through a memslot that is freed, and none leads to a freed file. */
function declareMemslots(m: ModelBuilder, { vm, end }: File, { gfns, slots }: Scenario): void {
  const { memslots } = vm;
  if (memslots === undefined) return;
  const unshown = 'the guest keeps a mapping at a gfn whose memslot is freed: nobody takes it away with the page';
  for (let page = 0; page < gfns; page++) {
    const slot = slots === undefined ? undefined : slotShowing(slots, page);
    const place = slot === undefined ? 0 : slots!.indexOf(slot);
    const lives = ([1, 2] as const).map((which) => memslots.life({ place, which }));
    for (const sptes of [vm.privateSptes, vm.sharedSptes]) {
      const isShown = (spte: number, ...there: readonly number[]) => spte === 0 || there.includes(1) || unshown;
      m.always('I4 through a memslot', [sptes.at(page), ...lives], isShown, { kind: 'stale-mapping' });
    }
  }
  if (end === undefined) return;
  const dead = 'a memslot points to a file that is freed';
  for (let struct = 0; struct < 2 * memslots.count; struct++) {
    const cells = [memslots.lives.at(struct), memslots.filePointers.at(struct), end.life];
    const isAlive = (life: number, points: number, now: number) => life === 0 || points === 0 || now === ALIVE || dead;
    m.always('I9 where memslots change', cells, isAlive, { kind: 'use-after-free' });
  }
}

/** I20: a GB that is not looked up has no page of a guest; and in the end none is looked up for nothing. */
function declareOptimized(m: ModelBuilder, { rmpopt, platform }: World): void {
  if (rmpopt === undefined) return;
  const { bits, assigned } = rmpopt;
  const isOn = platform.snp === undefined ? [] : [platform.snp.enabled];
  for (let gb = 0; gb < rmpopt.count; gb++) {
    const holds = (bit: number, pages: number) =>
      bit === 0 || pages === 0 || 'no lookup is made in a GB that has a page of a guest';
    m.always('I20', [bits.at(gb), assigned.at(gb)], holds);
    const words = `GB ${gb} has no page of any guest, and nobody runs RMPOPT on it any more: each access to it is looked up in the RMP`;
    const isFast = (bit: number, pages: number, enabled = 1) => bit === 1 || pages > 0 || enabled === 0 || words;
    m.finally('I20 once all is quiet', [bits.at(gb), assigned.at(gb), ...isOn], isFast);
  }
}

/** I9 and I26: nobody finds a gmem_file that is freed, neither by a memslot nor by the list of its inode. */
function declareFileEnd(m: ModelBuilder, { vm }: File, { life, listed, slotPointer, references }: FileEnd): void {
  const kind = 'use-after-free';
  const isThere = (words: string) => (finds: number, now: number) => finds === 0 || now === ALIVE || words;
  m.always('I26', [listed, life], isThere('the inode lists a file that is freed'), { kind });
  if (vm.memslots === undefined) {
    m.always('I9', [slotPointer, life], isThere('a memslot points to a file that is freed'), { kind });
  }
  const isReleased = (count: number, now: number) =>
    count > 0 || now !== ALIVE || 'nobody has a reference, and it is not released';
  m.finally('the last fput() releases the file', [references.cell, life], isReleased, { kind: 'leak' });
}

/** I26 of the list itself, where files come to it: who goes along it meets no file that is freed, and in the end every open one. */
function declareFileList(m: ModelBuilder, { list, files }: Inode): void {
  if (list === undefined) return;
  const next = Array.from({ length: files.length + 1 }, (_, node) => list.next.at(node));
  for (const [place, { end }] of files.entries()) {
    const isReached = (nodes: readonly number[]) => reachedNodes(nodes).has(place + 1);
    const freed = 'who goes through the files of the inode comes to one that is freed';
    const isThere = (life: number, ...nodes: number[]) => life === ALIVE || !isReached(nodes) || freed;
    m.always('I26 along the list', [end!.life, ...next], isThere, { kind: 'use-after-free' });
    const lost =
      'a file is open and not on the list of its inode: no invalidation reaches its VM, which keeps what it maps';
    const isListed = (open: number, ...nodes: number[]) => open === 0 || isReached(nodes) || lost;
    m.finally('I26: open files are on the list', [end!.descriptor, ...next], isListed, { kind: 'stale-mapping' });
  }
}

/** The memory of an inode that has no file goes with it. */
function declareInodeEnd(m: ModelBuilder, { pages }: Inode, { references, life }: InodeEnd, gfns: number): void {
  const cells = Array.from({ length: gfns }, (_, gfn) => pages.at(gfn));
  const isGone = (count: number, now: number, ...held: readonly number[]) =>
    count > 0 ||
    (now !== ALIVE && held.every((page) => page === 0)) ||
    'the inode has no file, and it or a page of it stays';
  m.finally('an inode without files is gone', [references.cell, life, ...cells], isGone);
}

/** I25: the TDX module has the PAMT of a region as long as pages of it are counted. */
function declarePamt(m: ModelBuilder, { pamt }: Frames): void {
  if (pamt === undefined) return;
  const words =
    'a region has its PAMT and no reference, or a reference and no PAMT: the pages of the PAMT are lost, or those of the region';
  const { region: states, table } = pamt.regions;
  for (let region = 0; region < pamt.regions.count; region++) {
    const cells = [{ region: states, index: region }, pamt.refcounts.at(region)];
    m.finally('I25', cells, (state, count) => table.hasTag(state, 'present') === count > 0 || words);
  }
}

/** What nobody has a reference to is back in the pool, and the pool knows nothing of it any more. */
function declarePool(m: ModelBuilder, { large, refcounts }: Frames): void {
  if (large?.metadata === undefined) return;
  const { metadata, blocks, inBlock } = large;
  const words =
    'nobody has a reference to a huge page, and it has its restructuring metadata: it is lost to the pool, or its next owner ' +
    'meets that of its last one';
  const isBack = (stored: number, ...counts: readonly number[]) =>
    stored === 0 || counts.some((count) => count > 0) || words;
  for (let block = 0; block < blocks.count; block++) {
    const counts = Array.from({ length: inBlock }, (_, place) => refcounts.at(block * inBlock + place));
    m.finally(`huge page ${block} is somebody's or the pool's`, [metadata.at(block), ...counts], isBack);
  }
}

/** A vCPU that the guest has made has its VMSA, or is going to ask for it. */
function declareVmsa(m: ModelBuilder, { physicalAddresses, requests }: Vmsas, gfn: number): void {
  const words = 'a vCPU has lost its VMSA, and nobody asks for it: it never runs again';
  const isThere = (page: number, request: number) => page !== 0 || request !== NO_REQUEST || words;
  m.finally('the VMSA is loaded or asked for', [physicalAddresses.at(gfn), requests.at(gfn)], isThere);
}

/** I8: invalidations are begun as often as they are ended. */
function declareBalance(m: ModelBuilder, inProgress: Cell): void {
  const kind = 'unbalanced-invalidate';
  m.always('I8 count', [inProgress], (count) => count >= 0 || 'mmu_invalidate_in_progress drops below zero', { kind });
  m.finally('I8 balance', [inProgress], (count) => count === 0 || 'an invalidation was begun and never ended', {
    kind,
  });
}

/** I22: a user of the memory is told of the end of an invalidation as often as of its begin. */
function declareUsers(m: ModelBuilder, { invalidateInProgress }: Iommu): void {
  const kind = 'unbalanced-invalidate';
  const below = 'a user of the memory is told of the end of an invalidation whose begin it was not told of';
  m.always('I22 count', [invalidateInProgress], (count) => count >= 0 || below, { kind });
  const open = 'a user of the memory was told of the begin of an invalidation, and never of its end';
  m.finally('I22 balance', [invalidateInProgress], (count) => count === 0 || open, { kind });
}

/** I4: an SPTE maps the folio that the page cache holds at its index. */
function declareMappings(m: ModelBuilder, { vm, inode }: File, gfn: number): void {
  const words = 'the guest keeps a mapping of a page that its file has given up, and reads and writes its next owner';
  for (const sptes of [vm.privateSptes, vm.sharedSptes]) {
    m.always('I4', [sptes.at(gfn), inode.pages.at(gfn)], (spte, page) => spte === 0 || spte === page || words, {
      kind: 'stale-mapping',
    });
  }
}

/** I5: mappings agree with the attribute; a private page has neither user PTE nor pin. */
function declareAttributes(m: ModelBuilder, file: File, gfn: number): void {
  const { vm, host, inode } = file;
  const attribute = file.attributes.at(gfn);
  const page = inode.pages.at(gfn);
  const kind = 'attribute-mismatch';
  const rules = [
    { cell: vm.privateSptes.at(gfn), needs: PRIVATE, words: 'the guest has a private mapping of shared memory' },
    { cell: vm.sharedSptes.at(gfn), needs: 0, words: 'the guest has a shared mapping of private memory' },
    { cell: host.userPtes.at(gfn), needs: 0, words: 'the host has a user mapping of private memory' },
  ];
  for (const { cell, needs, words } of rules) {
    m.always('I5', [cell, attribute], (mapped, value) => mapped === 0 || value === needs || words, { kind });
  }
  const words = 'the host keeps a pin on private memory';
  // A pin may outlive the removal of its folio: what is at the index by then is none of its business.
  const noPin = (pin: number, at: number, value: number) => pin === 0 || pin !== at || value !== PRIVATE || words;
  m.always('I5', [host.pins.at(gfn), page, attribute], noPin, { kind });
}
