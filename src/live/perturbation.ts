/**
 * Perturbation: random short stalls that widen windows on machines with few cores (the idea of ConTest: Edelstein et al.,
 * "Multithreaded Java program test generation", IBM Systems Journal, 2002). One per thread. Used by the live thread.
 */

import type { Random } from '../core/random.js';

/** Stalls from here on give the core away: on a busy machine the others may have to wait for one. */
const NAP_FROM_US = 10;

/** The shortest and the longest stall, in microseconds; lengths in between are equally likely by their logarithm. */
const SHORTEST_US = 0.3;
const LONGEST_US = 30;

/** Decides where to stall, and stalls. */
export class Perturbation {
  #next: number;
  /** A word that nobody rings. */
  readonly #nobody = new Int32Array(new SharedArrayBuffer(4));

  /**
   * @param rate share of the places where an actor stalls, above 0
   * @param shares whether the thread hosts several actors, of which another may run in the meantime
   */
  constructor(
    readonly rate: number,
    readonly shares: boolean,
    readonly random: Random,
  ) {
    this.#next = this.#distance();
  }

  /** Called at every place. Stalls now and then; true when another actor of the thread shall run instead. */
  due(): boolean {
    if (--this.#next > 0) return false;
    this.#next = this.#distance();
    if (this.shares && this.random.next() < 0) return true;
    this.#stall();
    return false;
  }

  /** Places from here to the next stall: geometrically distributed, so that no rhythm hides a window. */
  #distance(): number {
    return 1 + Math.floor(Math.log(1 - this.#fraction()) / Math.log(1 - Math.min(this.rate, 0.999999)));
  }

  #stall(): void {
    const lengthUs = SHORTEST_US * (LONGEST_US / SHORTEST_US) ** this.#fraction();
    if (lengthUs >= NAP_FROM_US) {
      Atomics.wait(this.#nobody, 0, 0, lengthUs / 1000);
      return;
    }
    const end = performance.now() + lengthUs / 1000;
    while (performance.now() < end);
  }

  #fraction(): number {
    return (this.random.next() >>> 0) / 0x1_0000_0000;
  }
}
