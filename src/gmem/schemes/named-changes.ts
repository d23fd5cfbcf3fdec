/**
 * Named changes: all that may stand behind a "+" after the name of a scheme, mutations and variants. Imported by who looks
 * one up by its name.
 */

import { type Mutation, mutations } from './mutations.js';
import { variants } from './variants.js';

/** Every named change of a scheme. */
export const namedChanges: readonly Mutation[] = [...mutations, ...variants];
