/**
 * The events that change nothing of data lying in a page, for the regions that follow such data.
 *
 * launch-data.ts and supplied-data.ts name the others, each in its own way. Imported by the machines only.
 */

/** Neither writes the page, nor clears it, nor gives it back. */
export const KEEPS_DATA = [
  'ALLOCATE',
  'INSERT',
  'REMOVE',
  'MARK_UPTODATE',
  'GUEST_READ',
  'HOST_READ',
  'MAP_PRIVATE',
  'MAP_SHARED',
  'UNMAP',
  'VMSA_USE',
  'USER_MAP',
  'USER_UNMAP',
  'PIN',
  'UNPIN',
  'UNASSIGN',
  'RMP_ABSENT',
] as const;
