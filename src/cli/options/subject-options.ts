/**
 * The argument and the option that say what a run is about. Imported by the verbs that run engines.
 */

import { Argument, Option } from 'commander';
import { builtinLists } from './builtin-lists.js';
import { type Offer, offering } from './offers.js';

/** Scenarios by name, and files. */
export const scenarioOffer: Offer = { names: builtinLists.scenarios, paths: 'files' };

/** Schemes by name, mutations and variants after a `+`, and files. */
export const schemeOffer: Offer = {
  async names(written) {
    const plus = written.lastIndexOf('+');
    if (plus < 0) return await builtinLists.schemes();
    const base = written.slice(0, plus + 1);
    return [...(await builtinLists.mutations()), ...(await builtinLists.variants())].map(({ name, title }) => ({
      name: `${base}${name}`,
      title,
    }));
  },
  paths: 'files',
};

/** `<scenario>` */
export function scenarioArgument(): Argument {
  const what = 'a built-in name, a scenario (.yaml), a model (.ts, .js) or a recorded log';
  return offering(new Argument('<scenario>', what), scenarioOffer);
}

/** `--scheme` */
export function schemeOption(): Option {
  const what = 'a built-in name with +mutations, or a file that exports one (default: "v2-hook-every-fault")';
  return offering(new Option('--scheme <scheme>', what), schemeOffer);
}
