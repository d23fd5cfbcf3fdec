/**
 * Stillness: whether a looping world has come to where nothing happens any more.
 *
 * A scenario may lead to an end, such as a page that was converted and stays so: from there on its actors loop without
 * a race. Two looks that find the same words, between which every actor went through its whole script, say so; the
 * session then begins a new epoch. A mistake costs a reset and nothing else. Used by the session.
 */

import { COUNTERS, Counter, type SharedMemory } from './shared-memory.js';

/** Looks at a world from outside, while it runs. */
export class Stillness {
  readonly #words: Int32Array;
  readonly #calls: Float64Array;

  constructor(readonly memory: SharedMemory) {
    this.#words = memory.model.slice();
    this.#calls = new Float64Array(memory.program.actors.length);
    this.begin();
  }

  /** A new epoch has begun. */
  begin(): void {
    this.#note();
  }

  /** Whether nothing has happened since the last look that found something, or since the epoch began. */
  look(): boolean {
    const { model, counters, program } = this.memory;
    if (!model.every((value, word) => value === this.#words[word])) {
      this.#note();
      return false;
    }
    return program.actors.every(
      ({ calls, daemon }, actor) =>
        daemon || counters[actor * COUNTERS + Counter.Calls] - this.#calls[actor] >= 2 * calls.length,
    );
  }

  #note(): void {
    const { model, counters } = this.memory;
    this.#words.set(model);
    this.#calls.forEach((_, actor) => {
      this.#calls[actor] = counters[actor * COUNTERS + Counter.Calls];
    });
  }
}
