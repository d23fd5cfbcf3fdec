/**
 * Stripes: what guest_memfd's own steps need in order to be steps on real threads. Used by the model.
 *
 * Its sections exclude each other by the identity that the first op's cell is picked by (gfn 3, folio 7). Why that is
 * enough: they touch words of a gfn (i_pages, SPTEs, user PTE, pin, attribute), words of a folio (machine, reference
 * count), and the words of the retry check.
 * - Every section that touches a word of a gfn starts at its gfn, so among those a section is one step. One alone touches
 *   words of several gfns, the removal of a batch of pages: it names them all, and excludes the sections of each. An op
 *   outside of sections on such a word is a step among those, too, but for one that looks at an attribute: what a store of
 *   it looks at besides, the count of invalidations, only the task can change that stores it.
 * - A folio's machine word and count change by compare-exchange, from sections of either kind. A section of a gfn takes a
 *   reference only to a folio that it has just read from a word of that gfn. While the word is there the page cache or
 *   the PTE has a reference of its own, and the section that removes the word is excluded: the count is above zero, so
 *   the folio_put() that drops the last reference is not under way, and how a get and any other put are ordered shows
 *   nowhere. In a scheme where this fails, the same put just before or just after the section is a schedule, too.
 * - Count, range and sequence of the invalidation are written by ops under mmu_lock, those of several cells with the
 *   common stripe. The unlocked retry check reads them as a section of that stripe, so the range it sees is whole. Its
 *   answer was right at one of its reads: "no" when it read the count (nothing in progress) or the range (not in it), for
 *   the sequence has not moved until later; "yes" when it read the sequence, or when it read the range, for the sequence
 *   moves on before the count drops.
 * - Locks and tokens have words of their own, and so have the maps of the built-in schemes. A section that touches one of
 *   these does so once, at its end, when it has its stripe.
 *
 * Where folios may be large, the identities are blocks: of gfns, and of frames. What is said above of a gfn is then said of
 * all pages of its block, and these come with it:
 * - The order of a folio in the page cache is looked at by sections that start at its gfns, and changes in such sections only,
 *   in a split and in a merge. In all others it changes while nobody can look the folio up.
 * - Some sections are about several words of a block of frames: its RMP entries, and its direct mapping. They start at the
 *   block, and so does every op outside of sections that touches a word of one. A guest's access, which starts at its gfn,
 *   looks at the size of the RMP entry of a page that is mapped. An RMPUPDATE that takes such a page away is a finding by
 *   itself, and the one that makes it the guest's came before; what is left, a PSMASH, changes one word.
 *
 * All of it is about the ops that this package makes. Sections and locks of a user's scheme, and ops that nothing here
 * makes outside of a section, are not vouched for. A cell that such a scheme declares is touched by no section of ours, so
 * a single op on it may come at any time, until a section of the user's is met.
 */

import { accessesOf, isChoice, latchUpdateOf, mayWrite } from '../core/ops/accesses.js';
import type { Region } from '../core/ops/layout.js';
import type { Op } from '../core/ops/op.js';
import type { Exclusion, Stripes } from '../core/program/stripes.js';
import type { Frames } from './world/frames.js';
import { regionsOf } from './world/parted.js';
import type { World } from './world/world.js';

/**
 * What the model knows of its steps.
 *
 * @param foreign regions that a user's scheme declared
 */
export function stripesOfGmem(world: World, foreign: readonly Region[]): Stripes {
  const { vms, inodes, hosts, files, frames } = world;
  const byGfn = regionsIn([
    ...inodes.map(({ pages }) => pages),
    ...vms.flatMap(({ privateSptes, sharedSptes }) => [privateSptes, sharedSptes]),
    ...vms.flatMap(({ privateLeaves, sharedLeaves }) => [privateLeaves, sharedLeaves]),
    ...hosts.flatMap(({ userPtes, pins }) => [userPtes, pins]),
  ]);
  const byBlockOfFrames = blockWords(frames);
  const inProgress = regionsIn(vms.map(({ invalidateInProgress }) => invalidateInProgress));
  const check = new Set([
    ...inProgress,
    ...regionsIn(vms.flatMap(({ rangeStart, rangeEnd }) => [rangeStart, rangeEnd])),
  ]);
  const attributes = regionsIn(files.map((file) => file.attributes));
  const unknown = new Set(foreign);

  /** Outside of sections. */
  function ofSingle(op: Op<unknown>): Exclusion {
    const all = accessesOf(op);
    const accesses = all.filter(({ region: { kind } }) => kind !== 'latch');
    // A lock has no word that anything but an op of its own could look at.
    if (accesses.length < all.length && latchUpdateOf(op.spec) === undefined) return 'all';
    if (accesses.length === 0) return 'none';
    if (accesses.some(({ via }) => via === 'claim' || via === 'ghost')) return 'all';
    // An access through a translation is a section of the translation.
    const direct = accesses.filter(({ via }) => via === 'direct');
    if (direct.length > 1) return direct.every(({ region }) => check.has(region)) ? 'own' : 'all';
    const [{ region }] = direct;
    if (byGfn.has(region) || byBlockOfFrames.has(region)) return 'own';
    if (attributes.has(region)) return direct.some(mayWrite) ? 'all' : 'none';
    const isFree = region !== frames.refcounts.region && (inProgress.has(region) || !check.has(region));
    return isFree ? 'none' : 'all';
  }

  return {
    exclusionOf(op, section) {
      if (section === 'plain') return 'all';
      if (isChoice(op.spec)) return 'none';
      const accesses = accessesOf(op);
      if (!accesses.some(({ region }) => unknown.has(region))) return section === 'striped' ? 'own' : ofSingle(op);
      const alone = section === undefined && accesses.length === 1 && accesses[0].region.kind !== 'latch';
      return alone ? 'none' : 'all';
    },
  };
}

type Cells = Parameters<typeof regionsOf>[0];

function regionsIn(arrays: readonly (Cells | undefined)[]): ReadonlySet<Region> {
  return new Set(arrays.flatMap((array) => (array === undefined ? [] : regionsOf(array))));
}

/** What there is of a frame, or of a block of them, where folios may be large; nothing where they are not. */
function blockWords({ large, folios, refcounts }: Frames): ReadonlySet<Region> {
  if (large === undefined) return new Set();
  return regionsIn([folios, refcounts, large.orders, large.rmpLarge, large.directMapSplit, large.hwpoison]);
}
