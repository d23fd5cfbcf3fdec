/**
 * Named schemes: the built-in ones with their mutations and variants, which need no file. For browsers too. Imported by the
 * lookup and by what runs in a page.
 */

import { InputError } from '../core/errors.js';
import { didYouMean } from '../core/input-sentence.js';
import { traitsOf } from './measure-traits.js';
import { defineScheme, type Scheme } from './scheme.js';
import { builtinSchemes } from './schemes/builtin-schemes.js';
import type { Mutation } from './schemes/mutations.js';
import { namedChanges } from './schemes/named-changes.js';
import { misfit } from './traits.js';

/** Whether a scheme is given as a file. */
export function isSchemeFile(name: string): boolean {
  return /\.[cm]?[jt]s$/.test(name);
}

/** The built-in scheme of a name with its changes: `v2-hook-every-fault+no-seq-check`. Throws InputError. */
export function namedScheme(text: string): Scheme {
  const [name, ...names] = text.split('+');
  return names.reduce(mutate, builtinScheme(name));
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
