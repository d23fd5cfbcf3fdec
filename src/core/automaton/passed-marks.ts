/**
 * PassedMarks: the marks that routines pass between their ops, by edge, where somebody wants to hold them against a recording.
 * Filled by the automaton, read by `conform`.
 */

import type { Op } from '../ops/op.js';

/** A mark that a routine passes between two ops, with what it has to say. */
export interface Crossing {
  readonly kind: 'enter' | 'leave' | 'tracepoint';
  /** Of the function, or of the tracepoint. */
  readonly name: string;
  /** What the function returned, or what the tracepoint prints; refs name registers of the actor. */
  readonly values: readonly unknown[];
}

/**
 * What locks say of themselves, whoever takes them: `write_lock(mmu_lock)` where a task asks for one, with ` returns` where it
 * has got it; `write_unlock(mmu_lock)` right before the release.
 */
export function lockMark({ spec: { label, region, index } }: Op<unknown>, how = ''): Crossing {
  return { kind: 'tracepoint', name: `${label.replace('%', region?.name ?? '%')}${how}`, values: [index] };
}

/** Marks that were passed just before an op, and how many of them lie behind the head of the loop that begins there. */
export interface Crossed {
  readonly crossed: readonly Crossing[];
  readonly crossedInLoop: number;
}

const NONE: readonly Crossing[] = [];

/** The marks of one automaton. */
export class PassedMarks {
  readonly #marks = new Map<string, readonly Crossing[]>();

  /** The marks that are passed on an edge, in order. */
  on(node: number, result: number): readonly Crossing[] {
    return this.#marks.get(`${node}:${result}`) ?? NONE;
  }

  /** The marks that a routine passes before its first op. */
  before(first: number): readonly Crossing[] {
    return this.#marks.get(`before ${first}`) ?? NONE;
  }

  /** Notes those on an edge; behind a jump come those between the head of the loop and its first op. */
  note(node: number, result: number, { crossed }: Crossed, head?: number): void {
    this.#set(`${node}:${result}`, [...crossed, ...(this.#marks.get(`head ${head}`) ?? NONE)]);
  }

  /** Notes those in front of a routine's first op. */
  noteFirst(first: number, { crossed }: Crossed): void {
    this.#set(`before ${first}`, crossed);
  }

  /** Notes those behind the head of a loop. */
  noteHead(head: number, { crossed, crossedInLoop }: Crossed): void {
    if (crossedInLoop > 0) this.#set(`head ${head}`, crossed.slice(-crossedInLoop));
  }

  #set(key: string, marks: readonly Crossing[]): void {
    if (marks.length > 0) this.#marks.set(key, marks);
  }
}
