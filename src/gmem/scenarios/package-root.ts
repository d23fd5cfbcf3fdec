/**
 * Where the installed package is, for data files that the compiler does not copy.
 *
 * The same files are found from the sources (tests) and from `dist` (the published package).
 */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Returns the folder of the `package.json` named faultline above the module at `moduleUrl`. */
export function packageRoot(moduleUrl: string): string {
  const start = dirname(fileURLToPath(moduleUrl));
  for (let folder = start; ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === 'faultline') return folder;
    if (folder === dirname(folder)) throw new Error(`no package.json named faultline above ${start}`);
  }
}
