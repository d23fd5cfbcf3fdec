/**
 * Disk failures: which errors say that a disk takes no more. They end a campaign in good order, with what is on the disk
 * intact, and a search on disk; other errors are defects. Imported by campaigns, searches and the command line.
 */

const CODES: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the quota of the disk is used up',
  EFBIG: 'the file may not grow any further',
  EIO: 'the disk reports an error',
  EROFS: 'the disk has become read-only',
};

/** In words, why a disk takes no more: "no space is left on the disk (ENOSPC)"; undefined for any other error. */
export function diskFailure(error: unknown): string | undefined {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  return code !== undefined && Object.hasOwn(CODES, code) ? `${CODES[code]} (${code})` : undefined;
}
