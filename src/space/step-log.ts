/**
 * Step log: what remembered steps read and wrote, by field and code, so that their trees can be grown anew where fields
 * lie elsewhere. Codes of values stay what they are; and a field that took no bits, as it had one value, may have some later.
 * Used by the step tree.
 */

import { grown } from '../core/grown.js';

/** Words of a record before what was read and what was written, a field and a code each. */
const HEAD = 7;
/** Words that there is room for at first. */
const FIRST_WORDS = 1 << 10;

/** One remembered step, as it lies in the log. */
export interface StepRecord {
  readonly actor: number;
  /** The code of the actor's local state, and the answer to its choice. */
  readonly local: number;
  readonly choice: number;
  readonly flags: number;
  /** Who is in the way of a step that has to wait. */
  readonly way: number;
  /** Where its reads lie in the log, behind them its writes, and the record behind that. */
  readonly reads: number;
  readonly writes: number;
  readonly end: number;
}

/** The remembered steps of one search, in the order in which they were taken. */
export class StepLog {
  words = new Int32Array(FIRST_WORDS);
  used = 0;

  /** Begins a record; fields follow, first those that were read. Where it lies. */
  begin(actor: number, local: number, choice: number, flags: number, way: number): number {
    const at = this.used;
    this.#put(actor, local, choice, flags, way, 0, 0);
    return at;
  }

  /** Notes a field that the step which lies at `record` read, or wrote. */
  add(record: number, isRead: boolean, field: number, code: number): void {
    this.#put(field, code);
    this.words[record + (isRead ? 5 : 6)]++;
  }

  /** The step that lies there. */
  at(record: number): StepRecord {
    const [actor, local, choice, flags, way, read, written] = this.words.subarray(record, record + HEAD);
    const reads = record + HEAD;
    const writes = reads + 2 * read;
    return { actor, local, choice, flags, way, reads, writes, end: writes + 2 * written };
  }

  #put(...words: number[]): void {
    if (this.used + words.length > this.words.length) this.words = grown(this.words, this.words.length * 2);
    for (const word of words) this.words[this.used++] = word;
  }
}
