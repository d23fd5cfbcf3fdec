/**
 * Search words: what the search kernel and its other half (src/verify/search-kernel.ts) say to each other. Read by both
 * compilers.
 */

/** Successors that wait for the table at most. */
export const ROOM = 1024;
/** A state of more successors than this is not taken up by the kernel. */
export const MOST_SUCCESSORS = 256;
/** States that are taken up in one call at most. */
export const MOST_TAKEN = 2 * ROOM;
/** Words of a packed state at most. */
export const MOST_WIDTH = 64;

/** States that are placed anew at a time, in the order of their slots: of so many stretches of these. */
export const SORTED = 1 << 16;
export const STRETCHES = 1 << 10;
/** Words for that: hashes, then hashes and numbers in order, then where each stretch begins. */
export const SORTING_WORDS = 3 * SORTED + STRETCHES;

/** How a call ended: all that it was given is taken up. */
export const ALL_TAKEN = 0;
/** The table is to have the successors first. */
export const IS_FULL = 1;
/** There is a state that only the other half can take up. */
export const ASKS = 2;
/** A state was taken up whose steps are to be compared with the interpreter's. */
export const AUDITS = 3;

/** What is known of two actors where they are: nothing, that a step of the one is independent of the other, or that it is not. */
export const NO_CONFLICT = 1;
export const CONFLICT = 2;
/** In place of the rows of an actor that is where its step is independent of nothing. */
export const NEVER_INDEPENDENT = -1;

/** Words that all threads of a search share: places given out; the next place of the level; not 0: take up no more. */
export const PLACES = 0;
export const CURSOR = 1;
export const STOP = 2;
/** Parent of a place that holds no state. */
export const HOLE = -2;
/** Places that a thread takes at a time. */
export const TAKEN_PLACES = 256;

/** Words that both halves read and write: states in the table; successors that wait; the state at which a call ended. */
export const SIZE = 0;
export const PENDING = 1;
export const NEXT = 2;
/** Where the successors of an audited state begin, and steps until a state is audited. */
export const AUDITED = 3;
export const UNTIL_AUDIT = 4;
/** Steps since the other half looked last; not 0 when an actor went back to the head of a retry loop. */
export const TRANSITIONS = 5;
export const LOOPS = 6;
/** Nothing: it keeps loads alive that are there to touch. */
export const TOUCHED = 7;
