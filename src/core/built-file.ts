/**
 * Built files: where what was compiled lies that is no module of this one: the entries of worker threads, the kernels.
 */

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Path of a compiled file, by its name among the imports of package.json; undefined when the package is not built. */
export function builtFile(specifier: `#${string}`): string | undefined {
  let path: string;
  try {
    path = createRequire(import.meta.url).resolve(specifier);
  } catch {
    return undefined;
  }
  return existsSync(path) ? path : undefined;
}
