/** The built-in schemes. Used by whoever finds a scheme by its name, and by whoever lists them: it measures nothing. */

import type { Scheme } from '../scheme.js';
import { bitmapNolock } from './bitmap-nolock.js';
import { bitmapSharedLock } from './bitmap-shared-lock.js';
import { cmpxchgTristate } from './cmpxchg-tristate.js';
import { prepareExclusive } from './prepare-exclusive.js';
import { seqcountRetry } from './seqcount-retry.js';
import { v1UptodatePrepared } from './v1-uptodate-prepared.js';
import { v2HookEveryFault } from './v2-hook-every-fault.js';
import { v3Inplace } from './v3-inplace.js';
import { v3dHugetlb } from './v3d-hugetlb.js';

/** The schemes that the usual table has a column for, in its order. */
export const usualSchemes: readonly Scheme[] = [
  v1UptodatePrepared,
  v2HookEveryFault,
  v3Inplace,
  bitmapNolock,
  bitmapSharedLock,
  cmpxchgTristate,
  prepareExclusive,
  seqcountRetry,
];

/** All built-in schemes, in the order of docs/kernel.md. */
export const builtinSchemes: readonly Scheme[] = [...usualSchemes, v3dHugetlb];
