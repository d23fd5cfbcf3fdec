/**
 * What can happen to a page frame: the alphabet that every region of the folio machine answers in full.
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

/** One event of the folio and RMP machines. */
export type FolioEvent = { [Name in (typeof folioEvents)[number]]: { type: Name } }[(typeof folioEvents)[number]];
