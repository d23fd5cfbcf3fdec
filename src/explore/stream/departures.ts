/**
 * Departures: the places at which schedules of the stream shall leave the ones before them, cheapest first.
 *
 * The cost of a departure is its number of preemptions, and the logarithm of how many were queued before it that put the
 * same class of op before the same other class at that number: what was not tried comes before more of what was, and
 * how many actors do the same hardly matters. Equal costs come in the order in which they were queued. Used by the stream.
 */

import { grown } from '../../core/grown.js';
import { pairOf } from '../op-classes.js';
import { KeyCounts } from './key-counts.js';

/** Words of a place and of a departure from it, in one table each. */
const PLACE_WORDS = 5;
const WORDS = 3;
/** Bytes that the tables are said to take for each departure: all of a place, as if nobody else departed there. */
const BYTES = (PLACE_WORDS + WORDS - 1) * Int32Array.BYTES_PER_ELEMENT;
/** Departures that there is room for at first. */
const FIRST_ROOM = 256;
/** An actor has so many bits; the answer stands above it. */
const ACTOR_BITS = 8;
/** Largest cost that is told from others. */
const MOST_COST = 255;
/** Largest number of preemptions that is told from others; no run makes as many before the stream is given up. */
export const MOST_PREEMPTIONS = 250;
/** No departure. */
const NONE = -1;

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
  /** Bytes of the tables, and no less. */
  bytes = FIRST_ROOM * BYTES;
  #room = FIRST_ROOM;
  /** Places: state, run, step, what came before, preemptions. */
  #places = new Int32Array(PLACE_WORDS * FIRST_ROOM);
  #placeCount = 0;
  /** Departures: place, actor and answer, the next one of the same cost. */
  #table = new Int32Array(WORDS * FIRST_ROOM);
  #queued = 0;
  /** By cost: the first departure that was not taken, and the last; none is cheaper than `#least`. */
  readonly #first = new Int32Array(MOST_COST + 1).fill(NONE);
  readonly #last = new Int32Array(MOST_COST + 1);
  #least = 0;
  /** By preemptions: how many are queued. */
  readonly #outstanding = new Int32Array(MOST_PREEMPTIONS + 1);
  /** How many were queued of a pair of classes at a number of preemptions. */
  readonly #pairs = new KeyCounts();

  /** The least number of preemptions of a departure that is queued; Infinity when there is none. */
  get leastPreemptions(): number {
    const least = this.#outstanding.findIndex((count) => count > 0);
    return least < 0 ? Number.POSITIVE_INFINITY : least;
  }

  /** Notes a place to depart at, for `put`; the number of preemptions is that of the schedules which depart there. */
  at(state: number, run: number, step: number, before: number, preemptions: number): number {
    const base = this.#placeCount * PLACE_WORDS;
    if (base === this.#places.length) this.#places = grown(this.#places, base * 2);
    const places = this.#places;
    places[base] = state;
    places[base + 1] = run;
    places[base + 2] = step;
    places[base + 3] = before;
    places[base + 4] = preemptions;
    return this.#placeCount++;
  }

  /**
   * Queues a departure from a place.
   *
   * @param delayed class of the op that would come next, which waits @param instead class of the op that comes
   */
  put(place: number, actor: number, answer: number, delayed: number, instead: number): void {
    const preemptions = this.#places[place * PLACE_WORDS + 4];
    // The logarithm of one more than so many, rounded down.
    const more = 31 - Math.clz32(this.#pairs.add(pairOf(delayed, instead), preemptions) + 1);
    const cost = Math.min(MOST_COST, preemptions + more);
    if (this.#queued === this.#room) this.#makeRoom();
    const number = this.#queued++;
    const table = this.#table;
    table[number * WORDS] = place;
    table[number * WORDS + 1] = ((answer + 1) << ACTOR_BITS) | actor;
    table[number * WORDS + 2] = NONE;
    if (this.#first[cost] === NONE) this.#first[cost] = number;
    else table[this.#last[cost] * WORDS + 2] = number;
    this.#last[cost] = number;
    if (cost < this.#least) this.#least = cost;
    this.#outstanding[preemptions]++;
    this.size++;
  }

  /** Takes the cheapest into `departure`; false when there is none. */
  take(departure: Departure): boolean {
    while (this.#first[this.#least] === NONE) if (++this.#least > MOST_COST) return this.#nothingLeft();
    const base = this.#first[this.#least] * WORDS;
    this.#first[this.#least] = this.#table[base + 2];
    const who = this.#table[base + 1];
    const places = this.#places;
    const place = this.#table[base] * PLACE_WORDS;
    departure.state = places[place];
    departure.actor = who & ((1 << ACTOR_BITS) - 1);
    departure.answer = (who >> ACTOR_BITS) - 1;
    departure.run = places[place + 1];
    departure.step = places[place + 2];
    departure.before = places[place + 3];
    departure.preemptions = places[place + 4];
    this.#outstanding[departure.preemptions]--;
    this.size--;
    return true;
  }

  #nothingLeft(): false {
    this.#least = MOST_COST;
    return false;
  }

  #makeRoom(): void {
    this.#room *= 2;
    this.bytes = this.#room * BYTES;
    this.#table = grown(this.#table, this.#room * WORDS);
  }
}
