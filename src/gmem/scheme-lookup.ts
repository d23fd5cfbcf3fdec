/**
 * Scheme lookup: from what the command line says (`v2-hook-every-fault+no-seq-check`, `./mine.ts`) to a scheme.
 * Imported by the model and the command line.
 */

import { resolve } from 'node:path';
import { InputError } from '../core/errors.js';
import { loadModule } from '../model/load-module.js';
import { isModel } from '../model/model.js';
import { watchFile } from '../model/text-watch.js';
import { traitsOf } from './measure-traits.js';
import { builtinScheme, isSchemeFile, mutate } from './named-scheme.js';
import { isScheme, notedScheme, type Scheme } from './scheme.js';

/**
 * The scheme for a name or file, with its mutations and variants. Throws InputError that says what is allowed: unknown name
 * or change, a change that the scheme cannot have, a file that exports no scheme.
 */
export async function loadScheme(text: string): Promise<Scheme> {
  const [name, ...names] = text.split('+');
  let scheme = isSchemeFile(name) ? await schemeFromFile(name) : builtinScheme(name);
  for (const each of names) scheme = mutate(scheme, each);
  return scheme;
}

async function schemeFromFile(path: string): Promise<Scheme> {
  const module = await loadModule(path);
  const candidates = [module.default, ...Object.values(module)].filter(isScheme);
  const scheme = candidates[0];
  if (scheme === undefined) {
    const others = Object.keys(module).filter((name) => name !== 'default' || module.default !== undefined);
    const those = Object.values(module).some(isModel)
      ? '; it exports a model, which is named in the place of the scenario'
      : others.length === 0
        ? ''
        : `; it exports ${others.join(', ')}`;
    throw new InputError(
      `faultline: ${path} exports no scheme${those}; write "export default defineScheme(base, { ... })".`,
    );
  }
  await watchFile(resolve(path));
  if (scheme.traits !== undefined) traitsOf(scheme);
  return notedScheme(scheme);
}
