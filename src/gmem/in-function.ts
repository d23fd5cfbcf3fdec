/**
 * Functions of the kernel, whose traces say which error they returned. Imported by calls, architectures and schemes.
 */

import { type ReturnText, type Routine, within } from '../core/ops/routine.js';
import { errnoText } from './errno.js';

/** Names the kernel function that steps belong to. `told`: what it returned in the kernel's words; its errno if left out. */
export function inFunction<T>(
  name: string,
  version: string,
  body: () => Routine<T>,
  told: ReturnText<T> = errnoText,
): Routine<T> {
  return within(name, version, body, told);
}
