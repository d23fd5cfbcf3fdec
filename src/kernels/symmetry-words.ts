/**
 * Symmetry words: how the tables of symmetric groups lie among the words of the search kernel (search-symmetry.ts), for those
 * who write them in TypeScript: this file is read by both compilers.
 *
 * A group: its size, fields of each member, latches; then the actor of each member, OWN words for each field and member,
 * OWN_TABLES for each field, LATCH for each latch.
 */

export const GROUP = 3;
/** A field of a member: its word, shift and mask, and where its values lie by code, 0 for those that it has not met. */
export const OWN = 4;
/** Where the tables of a field lie, one for each two members, and words of one: by code of the one's the other's, plus 1. */
export const OWN_TABLES = 2;
/** A latch: the same. */
export const LATCH = OWN;
