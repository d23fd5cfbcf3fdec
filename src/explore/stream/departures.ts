/**
 * Departures: the places at which schedules of the stream shall leave the ones before them, cheapest first.
 *
 * The cost of a departure is its number of preemptions, and the logarithm of how many were queued before it that put the
 * same class of op before the same other class at that number: what was not tried comes before more of what was, and
 * how many actors do the same hardly matters. Equal costs come in the order in which they were queued. Used by the stream.
 */

import { grown } from '../../core/grown.js';

/** Words of a departure, in one table. */
const WORDS = 7;
/** Largest cost that is told from others. */
const MOST_COST = 255;
/** Largest number of preemptions that is told from others; no run makes as many before the stream is given up. */
export const MOST_PREEMPTIONS = 250;

/** A place to depart at. */
export interface Departure {
  /** Number of the state. */
  state: number;
  /** Who goes on there. */
  actor: number;
  /** What the environment answers to the choice that is made there first; -1 where none is made, or 0 is answered. */
  answer: number;
  /** Preemptions of the schedule, with that of the departure. */
  preemptions: number;
  /** The run that came to the state, and after how many steps of its own. */
  run: number;
  step: number;
  /** What came before, as the stream writes it. */
  before: number;
}

/** The start of the model, from which nobody departs. */
export function nowhere(): Departure {
  return { state: 0, actor: -1, answer: -1, preemptions: 0, run: -1, step: 0, before: -1 };
}

/** Queues departures by cost. */
export class Departures {
  /** Number of departures that were queued and not taken. */
  size = 0;
  #table = new Int32Array(WORDS * 256);
  #queued = 0;
  /** By cost: the departures in their order, and how many of them were taken. */
  readonly #byCost: number[][] = [];
  readonly #taken: number[] = [];
  /** By preemptions: how many are queued. */
  readonly #outstanding: number[] = [];
  /** How many were queued of a pair of classes at a number of preemptions. */
  readonly #pairs = new Map<number, number>();

  /** Number of bytes of the table. */
  get bytes(): number {
    return this.#table.byteLength;
  }

  /** The least number of preemptions of a departure that is queued; Infinity when there is none. */
  get leastPreemptions(): number {
    const least = this.#outstanding.findIndex((count) => count > 0);
    return least < 0 ? Number.POSITIVE_INFINITY : least;
  }

  /** @param delayed class of the op that would come next, which waits @param instead class of the op that comes */
  put(
    { state, actor, answer, preemptions, run, step, before: last }: Departure,
    delayed: number,
    instead: number,
  ): void {
    const pair = (delayed * 65_536 + instead) * (MOST_PREEMPTIONS + 1) + preemptions;
    const before = this.#pairs.get(pair) ?? 0;
    this.#pairs.set(pair, before + 1);
    // The logarithm of one more than so many, rounded down.
    const cost = Math.min(MOST_COST, preemptions + 31 - Math.clz32(before + 1));
    const base = this.#queued * WORDS;
    if (base === this.#table.length) {
      this.#table = grown(this.#table, base * 2);
    }
    const table = this.#table;
    table[base] = state;
    table[base + 1] = actor;
    table[base + 2] = answer;
    table[base + 3] = preemptions;
    table[base + 4] = run;
    table[base + 5] = step;
    table[base + 6] = last;
    while (this.#byCost.length <= cost) {
      this.#byCost.push([]);
      this.#taken.push(0);
    }
    while (this.#outstanding.length <= preemptions) this.#outstanding.push(0);
    this.#byCost[cost].push(this.#queued++);
    this.#outstanding[preemptions]++;
    this.size++;
  }

  /** Takes the cheapest into `departure`; false when there is none. */
  take(departure: Departure): boolean {
    for (let cost = 0; cost < this.#byCost.length; cost++) {
      if (this.#taken[cost] === this.#byCost[cost].length) continue;
      const base = this.#byCost[cost][this.#taken[cost]++] * WORDS;
      const table = this.#table;
      departure.state = table[base];
      departure.actor = table[base + 1];
      departure.answer = table[base + 2];
      departure.preemptions = table[base + 3];
      departure.run = table[base + 4];
      departure.step = table[base + 5];
      departure.before = table[base + 6];
      this.#outstanding[departure.preemptions]--;
      this.size--;
      return true;
    }
    return false;
  }
}
