/**
 * Folio refs: which frames of a block a folio is. Where there are no large folios a folio is a ref and nothing more. Imported
 * by calls, architectures and schemes.
 */

import { type PartOf, PartRef, type Ref } from '../../core/ops/ref.js';

/** A folio, or a range of pages of one: 2^`order` frames of a block, from the place of its part on. */
export class FolioRef extends PartRef {
  constructor(
    ref: Ref,
    part: PartOf,
    readonly order: number,
  ) {
    super(ref, part);
  }
}

/** folio_order(): 0 where there are no large folios. */
export function orderOf(folio: Ref): number {
  return folio instanceof FolioRef ? folio.order : 0;
}

/** How many pages a folio has. */
export function pageCountOf(folio: Ref): number {
  return 2 ** orderOf(folio);
}

/** The pages of a folio, each as a folio of one page. */
export function pagesOf(folio: Ref): readonly Ref[] {
  if (!(folio instanceof FolioRef) || folio.order === 0) return [folio];
  return Array.from({ length: 2 ** folio.order }, (_, page) => pageAt(folio, folio.part.place + page));
}

/** The page of a folio at which a gfn lies. */
export function pageOf(folio: Ref, gfn: Ref): Ref {
  return folio instanceof FolioRef && gfn instanceof PartRef ? pageAt(folio, gfn.part.place) : folio;
}

/** Every gfn of the block that a gfn lies in; that one alone where there are no large folios. */
export function blockOf(gfn: Ref): readonly Ref[] {
  if (!(gfn instanceof PartRef)) return [gfn];
  return Array.from({ length: gfn.part.of }, (_, place) => new PartRef(gfn, { ...gfn.part, place }));
}

/** The gfns of the block that a gfn lies in, from that one on. */
export function fromGfnOn(gfn: Ref): readonly Ref[] {
  return blockOf(gfn).slice(placeInBlock(gfn));
}

/** The gfns of a folio, given one of them. */
export function gfnsOf(folio: Ref, gfn: Ref): readonly Ref[] {
  return orderOf(folio) === 0 ? [gfn] : blockOf(gfn);
}

function pageAt(folio: FolioRef, place: number): FolioRef {
  return new FolioRef(folio, { ...folio.part, place }, 0);
}

/** Whether two gfns of a call are the same one: pages of a block share its register. */
export function isSameGfn(one: Ref, other: Ref): boolean {
  return one.register === other.register && placeInBlock(one) === placeInBlock(other);
}

/** The place of a page, or of a gfn, in its block. */
export function placeInBlock(page: Ref): number {
  return page instanceof PartRef ? page.part.place : 0;
}

/** The gfns of a range, block by block. */
export function batchesOf(gfns: readonly Ref[]): readonly (readonly Ref[])[] {
  const batches = new Map<number, Ref[]>();
  for (const gfn of gfns) batches.set(gfn.register, [...(batches.get(gfn.register) ?? []), gfn]);
  return [...batches.values()];
}

/** Whether a range is one of whole blocks. */
export function coversBlocks(gfns: readonly Ref[]): boolean {
  return gfns.every((gfn) => blockOf(gfn).every((page) => gfns.some((each) => isSameGfn(each, page))));
}

/** All gfns of the blocks that a range touches. */
export function wholeBlocks(gfns: readonly Ref[]): readonly Ref[] {
  return batchesOf(gfns).flatMap(([gfn]) => blockOf(gfn));
}
