/**
 * Kernel fields: what the lines of the kernel's own tracepoints say, whose fields are no `key=value`. Imported by who reads
 * traces.
 */

import { numberOf, type TraceLine } from './trace-lines.js';

/** Bytes of a page. */
export const PAGE_BYTES = 4096;

/** The page frame bits of an SPTE. */
const PFN_BITS = 0xffffffffff000n;

/** The address of a fault, `address 0x10003000`; undefined where there is none. */
export function addressOf({ text }: TraceLine): number | undefined {
  return numberOf(/address (0x[0-9a-f]+)/.exec(text)?.[1]);
}

/** The gfn of the page that a fault is on. */
export function faultedGfn(line: TraceLine): number {
  return Math.floor((addressOf(line) ?? 0) / PAGE_BYTES);
}

/** The inode of a line of the page cache, `ino 89e`; not a number where there is none. */
export function inodeOf({ text }: TraceLine): number {
  return Number.parseInt(/ino ([0-9a-f]+)/.exec(text)?.[1] ?? '', 16);
}

/** The index of a line of the page cache, by its offset `ofs=4096`. */
export function indexOf(fields: ReadonlyMap<string, string>): number {
  return (numberOf(fields.get('ofs')) ?? 0) / PAGE_BYTES;
}

/** The gfn and pfn that a line about an SPTE names; pfn 0 for one that maps nothing. Undefined for other lines. */
export function spteOf({ event, text }: TraceLine): { readonly gfn: number; readonly pfn: number } | undefined {
  const spte = SPTE.get(event)?.exec(text);
  if (spte === null || spte === undefined) return undefined;
  return { gfn: Number.parseInt(spte[1], 16), pfn: Number((BigInt(`0x${spte[2]}`) & PFN_BITS) >> 12n) };
}

const SPTE: ReadonlyMap<string, RegExp> = new Map([
  ['kvm_tdp_mmu_spte_changed', /gfn ([0-9a-f]+) .*new_spte ([0-9a-f]+)/],
  ['kvm_mmu_set_spte', /gfn ([0-9a-f]+) spte ([0-9a-f]+)/],
]);

/** What the entry of a system call says of an argument: `mode: 3, offset: 0xb000`. */
export function argumentOf({ text }: TraceLine, key: string): number | undefined {
  return numberOf(new RegExp(`${key}: (\\w+)`).exec(text)?.[1]);
}
