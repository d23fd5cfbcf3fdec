/**
 * A live node: one node of the automaton as the live executor runs it.
 *
 * An object and not a row of numbers: the hot loop follows references from node to node, and all it needs to know of an
 * op lies there ready (which lock, which rows of the machine's table, which stripe). Made by LiveNodes.
 */

import type { Op } from '../core/ops/op.js';

/** What a live node is besides its opcode. */
export const LiveFlag = {
  /** A perturbation may stall the actor before this op. */
  Stalls: 1,
  /** The first op of a section, or a section by itself. */
  Opens: 2,
  /** The section's stripe follows from a register. */
  StripeByRegister: 4,
  /** In a section: changes something whatever it finds. */
  Writes: 8,
  /** Updates ghosts. */
  Records: 16,
  /** Return: the call entered a function on its way. */
  Enters: 32,
  /** Outside of sections, checks may have to be asked after the op. */
  Settles: 64,
  /** Opens: a section that is about several things, or that the stripes of the model do not know. */
  Rare: 128,
} as const;

/** Something that a section is about besides what its first op picks its cell by. */
export interface OtherThing {
  /** The hash of its domain, and the register that holds it. */
  readonly domain: number;
  readonly register: number;
}

/** What the loop has to do between the op before and this node. */
export const Between = {
  /** Nothing: it is an op like any other. */
  Plain: 0,
  /** Nothing at all: the op goes on with an atomic section. */
  Continue: 1,
  /** A section opens, an actor may stall, a call ends or jumps. */
  Look: 2,
  /** The op before was not done. */
  Stop: 3,
} as const;

/** What a Word op makes of one value, and where it leads from there. */
export interface WordRow {
  readonly value: number;
  readonly to: LiveNode;
}

const NO_ROW = new Int32Array(0);
const NO_TAGS = new Uint8Array(0);
const NO_OTHERS: readonly OtherThing[] = [];

/** One node. Fields that an op does not need keep their zeroes. */
export class LiveNode {
  /** A LiveCode. */
  code = 0;
  /** A set of LiveFlag. */
  flags = 0;
  /** An After. */
  after: number = Between.Plain;
  /** The word, or the first of those that `register` picks from. */
  base = 0;
  /** Register that picks the word, or -1; and how many words it can pick from. */
  register = -1;
  count = 0;
  /** Operands of the core's op. Return: the value. */
  a = 0;
  b = 0;
  c = 0;
  /** Register that a ref result goes to. */
  target = 0;
  /** Where the results 0 and 1 lead, once known. Again: the head of the loop, and the op that jumped. */
  zero: LiveNode | undefined = undefined;
  one: LiveNode | undefined = undefined;
  /** Word ops: a row for each value from WORD_LOW on, once known. */
  rows: (WordRow | undefined)[] = [];
  /** Machine ops: mask of the state in a word; the bits above it are the version. */
  mask = 0;
  /** Machine events: per state the next one + 1, or -(v + 1) for violation v, or 0 when not known yet. */
  next: Int32Array = NO_ROW;
  /** Tags: per state 1 without it, 2 with it, 0 when not known yet. */
  tags: Uint8Array = NO_TAGS;
  /** What to add to the word for the number of its lock or token. Claim: number of objects. */
  lock = 0;
  mode: 'read' | 'write' = 'read';
  /** The stripe of the section that opens here, or the hash of its domain. */
  stripe = 0;
  /** What else that section is about. */
  others = NO_OTHERS;
  /** Whether checks that a step asks look at what the op may change. */
  checked = false;
  /** Returns and jumps: how often they were taken; the statistics take the number and set it back. */
  visits = 0;
  /** Likewise: how often a lock op had to wait; how many of the calls that ended here took a detour. */
  detours = 0;
  /** Likewise: how long actors waited here for a lock. */
  waitedMs = 0;

  /** @param id number of the node in the automaton; -1 for nodes that are none of it */
  constructor(
    readonly id: number,
    readonly op: Op<unknown> | undefined,
  ) {}
}
