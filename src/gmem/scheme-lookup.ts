/**
 * Scheme lookup: from what the command line says (`v2-hook-every-fault+no-seq-check`, `./mine.ts`) to a scheme.
 * Imported by the model and the command line.
 */

import { resolve } from 'node:path';
import { InputError } from '../core/errors.js';
import { didYouMean } from '../core/input-sentence.js';
import { loadModule } from '../model/load-module.js';
import { isModel } from '../model/model.js';
import { watchFile } from '../model/text-watch.js';
import { traitsOf } from './measure-traits.js';
import { defineScheme, isScheme, notedScheme, type Scheme } from './scheme.js';
import { builtinSchemes } from './schemes/builtin-schemes.js';
import type { Mutation } from './schemes/mutations.js';
import { namedChanges } from './schemes/named-changes.js';
import { misfit } from './traits.js';

/** Whether a scheme is given as a file. */
export function isSchemeFile(name: string): boolean {
  return /\.[cm]?[jt]s$/.test(name);
}

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

/** A built-in scheme by name. */
export function builtinScheme(name: string): Scheme {
  const scheme = builtinSchemes.find((each) => each.name === name);
  if (scheme !== undefined) return scheme;
  const known = builtinSchemes.map((each) => each.name);
  throw new InputError(
    `faultline: there is no scheme "${name}"; there are ${known.join(', ')}, or a path to a .ts or .js file${didYouMean(name, known, '.')}`,
  );
}

/** By what it was made of and the change: to measure traits takes longer than to compile most models. */
const changed = new WeakMap<Scheme, Map<string, Scheme>>();

/** A scheme with one named change. Throws InputError for one that its traits do not fit, and says which and why. */
export function mutate(base: Scheme, name: string): Scheme {
  const known = changed.get(base)?.get(name);
  if (known !== undefined) return known;
  const made = newlyChanged(base, name);
  changed.set(base, (changed.get(base) ?? new Map()).set(name, made));
  return made;
}

function newlyChanged(base: Scheme, name: string): Scheme {
  const change = namedChanges.find((each) => each.name === name);
  if (change === undefined) {
    const known = namedChanges.map((each) => each.name);
    throw new InputError(
      `faultline: there is no mutation or variant "${name}"; there are ${known.join(', ')}${didYouMean(name, known, '.')}`,
    );
  }
  const traits = traitsOf(base);
  const why = lackOf(base, change);
  if (why !== undefined) {
    throw new InputError(`faultline: ${base.name} cannot have ${name}: that needs ${change.needs.words}, but ${why}.`);
  }
  return defineScheme(base, { ...change.change(base, traits), name: `${base.name}+${name}` });
}

/** Why a scheme cannot have a named change; undefined when it can. */
export function lackOf(base: Scheme, { needs }: Pick<Mutation, 'needs'>): string | undefined {
  return misfit(traitsOf(base), needs.traits) ?? needs.misses?.(base);
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
