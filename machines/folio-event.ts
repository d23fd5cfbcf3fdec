/**
 * What can happen to a page frame: the alphabet that every region of the folio machine answers in full, and what parts
 * of a world add to it (folio-machine-of.ts).
 *
 * An event is one kernel step as the frame sees it, whoever takes it. Imported by the machines; routines send these
 * names with `send`.
 */

/** The names of the events, in the order of a folio's life. */
export const folioEvents = [
  /** The allocator hands the frame out (folio_alloc). */
  'ALLOCATE',
  /** The folio enters the page cache (filemap_add_folio). */
  'INSERT',
  /** The folio leaves the page cache (filemap_remove_folio); references to it may live on. */
  'REMOVE',
  /** The last reference is dropped and the frame goes back to the allocator. */
  'FREE',
  /** The same where nobody asks what the RMP says of the frame: its next owner finds out. */
  'FREE_AS_IS',
  /** The host stores zeroes (clear_highpage). */
  'CLEAR',
  /** folio_mark_uptodate. */
  'MARK_UPTODATE',
  /** The host stores launch data (the arch's post_populate). */
  'POPULATE',
  /** The guest loads from the page through its mapping. */
  'GUEST_READ',
  /** The guest stores to the page through its mapping. */
  'GUEST_WRITE',
  /** A process on the host loads from the page. */
  'HOST_READ',
  /** A process on the host stores to the page. */
  'HOST_WRITE',
  /** KVM installs a private mapping for the guest. */
  'MAP_PRIVATE',
  /** KVM installs a shared mapping for the guest. */
  'MAP_SHARED',
  /** KVM zaps the guest's mapping. */
  'UNMAP',
  /** A user page table entry is installed. */
  'USER_MAP',
  /** The user page table entry is removed. */
  'USER_UNMAP',
  /** A pin is taken (GUP). */
  'PIN',
  /** A pin is dropped. */
  'UNPIN',
  /** RMPUPDATE gives the page to the guest (rmp_make_private). */
  'ASSIGN',
  /** RMPUPDATE takes the page back (rmp_make_shared). */
  'UNASSIGN',
  /** The processor loads a vCPU's registers from the page or saves them there: it is a VMSA (VMRUN, #VMEXIT). */
  'VMSA_USE',
  /** Set-up only: this machine has no RMP (arch none). */
  'RMP_ABSENT',
] as const;

/** What memory failure adds, in worlds in which memory may fail. */
export const poisonEvents = [
  /** TestSetPageHWPoison(): the flag of a page whose memory has failed. */
  'POISON',
  /** kvm_gmem_error_folio() has ended its invalidation: whoever comes now has to see the flag. */
  'ERROR_HANDLED',
  /** memory_failure() tells its caller that the failure was handled. */
  'REPORT_HANDLED',
  /** memory_failure() tells its caller that it was not, though nobody else holds the page: -EBUSY, and SIGBUS. */
  'REPORT_FAILED',
  /** Somebody who is about to give the page away, or to map it, has asked for the flag of its folio and found none. */
  'HAND_OUT',
] as const;

/** What removal from the direct map adds, for files whose pages are taken out of it. */
export const directMapEvents = [
  /** set_direct_map_invalid_noflush(): the kernel's own mapping of the page goes. */
  'ZAP_DIRECT_MAP',
  /** set_direct_map_default_noflush(): it is there again. */
  'RESTORE_DIRECT_MAP',
  /** folio->private remembers that the page has none. */
  'SET_NO_DIRECT_MAP',
  /** folio->private forgets it. */
  'CLEAR_NO_DIRECT_MAP',
  /** The kernel copies into the page through its own mapping. */
  'DIRECT_MAP_COPY',
] as const;

/** What a launch adds whose image is where it is to be measured. */
export const launchDataEvents = [
  /** The firmware measures the page and encrypts it in place (SNP_LAUNCH_UPDATE). */
  'LAUNCH_UPDATE',
] as const;

/** What userfaultfd adds, whose handler brings pages of its own. */
export const suppliedDataEvents = [
  /** What was just stored to the page is the guest's (UFFDIO_COPY). */
  'SUPPLY',
] as const;

/** What the TDX module adds, which keeps for each page frame whether a TD has it. */
export const tdEvents = [
  /** TDH.MEM.PAGE.AUG gives the page to a TD; the guest accepts it, and finds zeroes. */
  'TD_AUG',
  /** TDH.MEM.PAGE.ADD gives it to a TD with what the launch has put there. */
  'TD_ADD',
  /** TDH.MEM.PAGE.REMOVE takes it back. */
  'TD_REMOVE',
] as const;

/** What devices add, for files that are mapped for DMA. */
export const deviceEvents = [
  /** A device loads from the page through its translation. */
  'DMA_READ',
  /** A device stores to the page through its translation. */
  'DMA_WRITE',
  /** A device reaches the frame through a translation of a page that the file no longer has. */
  'DMA_STALE',
] as const;

type FolioEventName =
  | (typeof folioEvents)[number]
  | (typeof poisonEvents)[number]
  | (typeof directMapEvents)[number]
  | (typeof launchDataEvents)[number]
  | (typeof suppliedDataEvents)[number]
  | (typeof tdEvents)[number]
  | (typeof deviceEvents)[number];

/** One event of the folio machine, of the regions that every frame has and of those that a world brings. */
export type FolioEvent = { [Name in FolioEventName]: { type: Name } }[FolioEventName];
