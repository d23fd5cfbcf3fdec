/**
 * The events that change nothing of data lying in a page, for the regions that follow such data.
 *
 * launch-data.ts, supplied-data.ts and device-access.ts name the others, each in its own way. Imported by the machines only.
 */

/** What users of a page do that neither writes it nor says whose it is. */
export const LOOKS_ON = [
  'INSERT',
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
  'RMP_ABSENT',
] as const;

/** Neither writes the page, nor clears it, nor gives it back. */
export const KEEPS_DATA = [...LOOKS_ON, 'ALLOCATE', 'REMOVE', 'UNASSIGN'] as const;
