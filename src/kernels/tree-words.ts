/**
 * Tree words: what the words of remembered steps mean (src/space/step-tree.ts), for those who write them in TypeScript
 * and those who walk them in WebAssembly: this file is read by both compilers.
 */

/** Before the children of an inner node: the word, the shift and the mask of its field. */
export const HEAD = 3;

/** In place of a node: nothing is known. */
export const UNKNOWN = 0;
/** In place of a root: the actor has finished. */
export const FINISHED = -1;

/** Flags of a leaf: the actor has to wait. Beyond all of StepOutcome. */
export const WAITS = 1 << 30;
/** Besides: for other actors, of whom a set stands behind the flags. */
export const FOR_ACTORS = 1 << 29;
/** The step is not remembered. */
export const SLOW = 1 << 28;
