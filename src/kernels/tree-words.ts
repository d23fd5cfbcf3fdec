/**
 * Tree words: what the words of remembered steps mean (src/space/step-tree.ts), for those who write them in TypeScript
 * and those who walk them in WebAssembly: this file is read by both compilers.
 */

/** From here on: for each actor the place of the inner node that leads to the roots of its local states. */
export const TABLES = 2;

/** Words of a root before its trees, one for each answer that the actor may be given. */
export const ROOT = 5;
/**
 * Of these, behind the number of answers: a set of Traits; by what it is independent; which words a look at its locks depends
 * on; what its actor may still touch.
 */
export const ROOT_TRAITS = 1;
export const ROOT_ROWS = 2;
export const ROOT_MASKS = 3;
export const ROOT_FUTURE = 4;
/** Traits of a root: they are known; the actor may wait for other actors there; it asks for a lock. */
export const IS_DESCRIBED = 1;
export const MAY_WAIT = 2;
export const WANTS_LOCK = 4;

/** Before the children of an inner node: the word, the shift and the mask of its field. */
export const HEAD = 3;

/** In place of a node: nothing is known. */
export const UNKNOWN = 0;
/** In place of a root: the actor has finished. */
export const FINISHED = -1;

/** Flags of a leaf whose step is taken: it broke something; it led back to the head of a retry loop; it ended a call. */
export const VIOLATES = 2;
export const GOES_AGAIN = 8;
export const ENDS_CALL = 16;
/** Flags of a leaf: the actor has to wait. Beyond all of StepOutcome. */
export const WAITS = 1 << 30;
/** Besides: for other actors, of whom a set stands behind the flags. */
export const FOR_ACTORS = 1 << 29;
/** The step is not remembered. */
export const SLOW = 1 << 28;
