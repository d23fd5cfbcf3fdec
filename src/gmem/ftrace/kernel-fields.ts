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

/** What a line about an SPTE says of it. */
export interface RecordedSpte {
  /** The first that it maps. */
  readonly gfn: number;
  /** How many it maps: one, or those of a huge page. */
  readonly count: number;
  /** 0 for one that maps nothing. */
  readonly pfn: number;
  /** What it mapped, or pointed to, before; undefined where the line does not say. */
  readonly oldPfn: number | undefined;
  /** Whether it points to a page table, and maps nothing itself. */
  readonly isTable: boolean;
}

/** What a line about an SPTE says of it; undefined for other lines. */
export function spteOf({ event, text }: TraceLine): RecordedSpte | undefined {
  const groups = SPTE.get(event)?.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const spte = BigInt(`0x${groups.spte}`);
  const level = Number(groups.level ?? 1);
  return {
    gfn: Number.parseInt(groups.gfn, 16),
    count: TABLE_ENTRIES ** (level - 1),
    pfn: pfnOf(spte),
    oldPfn: groups.old === undefined ? undefined : pfnOf(BigInt(`0x${groups.old}`)),
    isTable: level > 1 && pfnOf(spte) !== 0 && (spte & HUGE_BIT) === 0n,
  };
}

/** SPTE_MMU_PRESENT_MASK: of what stands for a device's page, or for nothing, the other bits name no page frame. */
const PRESENT_BIT = 0x800n;

function pfnOf(spte: bigint): number {
  if ((spte & PRESENT_BIT) === 0n) return 0;
  return Number((spte & PFN_BITS) >> 12n);
}

/** Entries of a page table. */
export const TABLE_ENTRIES = 512;
/** PT_PAGE_SIZE_MASK: above the lowest level, the entry of a huge page. */
const HUGE_BIT = 0x80n;

const SPTE: ReadonlyMap<string, RegExp> = new Map([
  [
    'kvm_tdp_mmu_spte_changed',
    /gfn (?<gfn>[0-9a-f]+)(?: level (?<level>\d))?(?: .*old_spte (?<old>[0-9a-f]+))? .*?new_spte (?<spte>[0-9a-f]+)/,
  ],
  ['kvm_mmu_set_spte', /gfn (?<gfn>[0-9a-f]+) spte (?<spte>[0-9a-f]+)(?:.* level (?<level>\d))?/],
]);

/** What the entry of a system call says of an argument: `mode: 3, offset: 0xb000`. */
export function argumentOf({ text }: TraceLine, key: string): number | undefined {
  return numberOf(new RegExp(`${key}: (\\w+)`).exec(text)?.[1]);
}
