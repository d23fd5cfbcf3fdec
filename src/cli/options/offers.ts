/**
 * Offers: what can be written in the place of an option's value or of an argument, kept beside the option itself so that
 * completions have no list of their own. Imported by the verbs and by completions; it loads what it lists only when asked.
 */

import type { Argument, Option } from 'commander';

/** Something with a name, and what there is to say of it in a line. */
export interface Named {
  readonly name: string;
  readonly title?: string;
}

/** What a path that fits leads to. */
export type PathKind = 'files' | 'folders';

/** What can be written in one place. */
export interface Offer {
  /** Names, given what was written of the word and the operands that stand before it. */
  names?(written: string, before: readonly string[]): Promise<readonly Named[]> | readonly Named[];
  /** Whether paths fit as well, and of what; it may depend on the operands that stand before. */
  readonly paths?: PathKind | ((before: readonly string[]) => PathKind | undefined);
  /** Several of them, with commas between. */
  readonly isList?: boolean;
}

const offers = new WeakMap<Option | Argument, Offer>();

/** The option or argument, with what it takes. */
export function offering<Taker extends Option | Argument>(taker: Taker, offer: Offer): Taker {
  offers.set(taker, offer);
  return taker;
}

/** What an option or argument takes; undefined for numbers, times and other values of which there is no list. */
export function offerOf(taker: Option | Argument): Offer | undefined {
  return offers.get(taker);
}

/** An offer of names that say everything themselves. */
export function offerOfNames(names: readonly string[]): Offer {
  return { names: () => names.map((name) => ({ name })) };
}

/** An offer of files. */
export const anyFile: Offer = { paths: 'files' };

/** An offer of folders. */
export const anyFolder: Offer = { paths: 'folders' };
