/**
 * Walk words: where the walk kernel and those who fill its memory find things (src/explore/walk/walk-kernel.ts): this file is
 * read by both compilers.
 *
 * All are byte addresses, or distances in bytes from the start of what they belong to. What every step looks at has an
 * address of its own: a base that had to be kept in a register would push out what matters.
 */

/** The random numbers, and as they were when the run began: two words of 64 bits each. */
export const RANDOM = 8;
export const RUN_RANDOM = 208;
/** The run under way: steps and choices so far, the step before which it is paused. */
export const STEPS = 24;
export const CHOICES = 28;
export const PAUSE = 32;
/** Who takes the next step because it cannot race (-1: somebody is picked), how many such were taken in a row, how many
 * were not asked for one yet. */
export const NEXT_AT_ONCE = 36;
export const IN_A_ROW = 40;
export const UNASKED = 44;
/** Sets of actors: who can take a step, who may have to wait, who has not finished. */
export const RUNNABLE = 48;
export const LISTENING = 52;
export const UNFINISHED = 56;
/** The step from which on only daemons go on; -1 when that has not come. */
export const OVER_FROM = 60;
/** Bytes from STEPS on up to here: what is set when a run begins. */
export const RUN_BYTES = 40;
/** Who took the last step. */
export const ACTOR = 64;
/** Steps and runs that may be taken before the kernel comes back. */
export const LEFT = 68;
export const RUNS = 72;
/** What came of the runs that ended since it was called: their number, steps and the steps of the longest. */
export const ENDED_RUNS = 76;
export const ENDED_STEPS = 80;
export const LONGEST = 84;
/** The program: actors, the set of those that must finish, whether it has latches, fields; steps that make a run too long. */
export const ACTORS = 88;
export const REQUIRED = 92;
export const HAS_LATCHES = 96;
export const FIELDS = 100;
export const BOUND = 104;
/** Whether something is asked of finished runs, and the node that says what is answered: 0 for yes. */
export const IS_ASKED = 200;
export const END_NODE = 204;
/** Steps of daemons alone before a run is paused; steps in a row that are taken at once; parts that priorities are drawn by. */
export const OVER_STEPS = 224;
export const MOST_IN_A_ROW = 228;
export const PRIORITY_GRAINS = 232;
/** As a run begins: what the state holds, the roots of the actors and who is in their way; and what lies from STEPS on. */
export const FIRST_STATE = 108;
export const FIRST_ROOTS = 112;
export const FIRST_WAYS = 116;
export const FIRST_RUN = 840;
/** The addresses of the fields that tell final states apart, and how many. */
export const TOLD = 152;
export const TOLD_COUNT = 156;
/** Who picks; and what PCT keeps (pct.ts). */
export const STRATEGY = 160;
export const CHANGES = 164;
export const CHANGE_COUNT = 168;
export const MOST_VISIBLE = 172;
export const FAIR_FROM = 176;
export const PICKS = 180;
export const NEXT_CHANGE = 184;
export const BEYOND = 188;
export const PICKED = 192;
export const PICKED_FLAGS = 196;

/** Four bytes for each actor: its root, who is in its way; eight: its priority. */
export const ROOTS = 256;
export const WAYS = 384;
export const PRIORITIES = 512;
/** The place of the next run in its block; whether Pair and POS take turns. */
export const PLACE = 768;
export const TAKES_TURNS = 772;
/** What Pair keeps (pair.ts): the run, its steps and the lowest priority so far, who rests; where its changes lie, how many there
 * are; the chance to wake is one in so many. */
export const PAIR_RUN = 776;
export const PAIR_STEP = 780;
export const PAIR_LOWEST = 784;
export const PAIR_RESTING = 788;
export const PAIR_CHANGES = 792;
export const PAIR_CHANGE_COUNT = 796;
export const PAIR_WAKES = 800;
/** What POS keeps (pos.ts, held-classes.ts): most classes that it holds back, 0 for none; the run, or a part of one, and its steps,
 * whether any class is held back; where the changes lie, how many are over, how many there are; one in so many lets go. */
export const HELD_MOST = 804;
export const HELD_RUN = 808;
export const HELD_STEP = 812;
export const HELD_ANY = 816;
export const HELD_CHANGES = 820;
export const HELD_OVER = 824;
export const HELD_COUNT = 828;
export const HELD_LETS_GO = 832;
/** Bytes: for each set of up to eight and each place among its members, the member. */
export const NTH = 1024;
/** The actors of the steps of the run, a byte each; the answers to its choices, four each; and how many there is room for. */
export const PATH = 3072;
export const ANSWERS = 5120;
export const MOST_STEPS = 2048;
/** Hashes of the final states of the runs that ended since the kernel was called, eight bytes each. */
export const HASHES = 13312;
/** The fields, four bytes each. */
export const STATE = 15360;

/** Values of STRATEGY. */
export const BY_RANDOM = 0;
export const BY_PCT = 1;
export const BY_PAIR = 2;
export const BY_POS = 3;

/** A node: the address of a field, its least value, how many values from there on have a tree, where these trees lie, the
 * node of the same field for other values. A tree is the address of a node, or that of a leaf, complemented, or 0: unknown. */
export const NODE_LOW = 4;
export const NODE_SIZE = 8;
export const NODE_TREES = 12;
export const NODE_OTHERS = 16;
export const NODE_BYTES = 20;

/** A root is named by its address and, in the lowest bits, by flags: its step cannot race, it may have to wait, it is a choice,
 * the actor has finished. There lie a node that says whether the actor waits, the outcomes of its choice, and a node for each. */
export const ROOT_FLAGS = 15;
export const CANNOT_RACE = 1;
export const MIGHT_WAIT = 2;
export const CHOOSES = 4;
export const HAS_FINISHED = 8;
export const ROOT_OUTCOMES = NODE_BYTES;
/** For strategies that look at ops: where the class of the op keeps when it was held back; where actor and class together keep
 * their priority, and behind it the run that it was drawn in; traits; the op's word, or the first it may be on (-1: none) with
 * the address of the ref to it, the number of cells and the bits by which the ref is moved; a list of ghosts, its length first. */
export const ROOT_CLASS = 24;
export const ROOT_PAIR = 28;
export const ROOT_OP_TRAITS = 32;
export const ROOT_WORD = 36;
export const ROOT_REF = 40;
export const ROOT_CELLS = 44;
export const ROOT_SHIFT = 48;
export const ROOT_GHOSTS = 52;
export const ROOT_STEPS = 56;
/** Behind a priority: the run that it was drawn in. */
export const PAIR_DRAWN_IN = 8;
/** Traits of an op: it touches more than one word, or one that only the run tells; it records; it may write. */
export const SPREADS_OUT = 1;
export const RECORDS_GHOSTS = 2;
export const MAY_STORE = 4;

/** A leaf of a step: flags, the actor's next root, the set of those who may wait for a field that it sets, eight bytes for each
 * such field beyond the first; then address and value of each. */
export const LEAF_ROOT = 4;
export const LEAF_WAKES = 8;
export const LEAF_SETS = 12;
export const LEAF_SET = 16;
/** Flags of a leaf: the step breaks something; the actor went back to the head of a retry loop. */
export const BREAKS = 1;
export const WENT_BACK = 2;

/** A leaf of a wait: whether the actor can run; who is in its way. */
export const LEAF_WAY = 4;

/** What the kernel comes back with: so many steps were taken; the last run was counted, and no more are to be taken; nobody
 * can go on, and something is to be said of that; the next step breaks something; somebody is stuck who must finish; the run
 * is to be paused; what it did not know could not be learned. */
export const STANDS = 0;
export const ENDED = 1;
export const AT_REST = 2;
export const BREAKING = 3;
export const STUCK = 4;
export const PAUSED = 5;
export const GIVEN_UP = 6;
/** It does not come back: another run has begun. */
export const GOES_ON = 7;
