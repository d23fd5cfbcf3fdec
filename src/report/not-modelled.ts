/**
 * What the model of guest_memfd leaves out, for whoever prints a bound; README, "What is modelled, and what is not".
 */

/** A list in a sentence. */
export const NOT_MODELLED =
  'weak memory, the order in which locks are handed over, folios larger than order 2, several files of ' +
  'one VM, moves of memslots, migration';
