/**
 * Numbers of pages as the kernel prints them. Imported by who observes traces.
 */

/** A number with 0x; "none" for none. */
export function hex(value: number | undefined): string {
  return value === undefined ? 'none' : `0x${value.toString(16)}`;
}
