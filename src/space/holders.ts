/**
 * Holders: the bits of actors in the latches of a state, for whoever takes actors for one another.
 *
 * In a program of more than thirty actors a latch has words for each thirty of them (`planes` of its region); it goes by
 * the word for the first thirty all the same. Used by the canonical form.
 */

import { bitOfActor, planeOfActor } from '../core/program/program.js';
import type { System } from './system.js';

/** The latches of one system, each by its word, or words, for the first thirty actors. */
export class Holders {
  readonly words: Int32Array;
  /** How far the words for further actors lie from those for the first, by latch word; undefined where there are none. */
  readonly #planes: ReadonlyMap<number, readonly number[]> | undefined;

  constructor({ program, sets }: System) {
    const latches = program.layout.regions.filter(({ kind, isPlane }) => kind === 'latch' && !isPlane);
    const planes = latches.flatMap((region) =>
      Array.from({ length: region.count * region.width }, (_, i): [number, readonly number[]] => [
        region.base + i,
        region.planes,
      ]),
    );
    this.words = Int32Array.from(planes, ([word]) => word);
    this.#planes = sets.isWide ? new Map(planes) : undefined;
  }

  /** 1 if an actor has its bit in a latch, else 0. */
  has(state: Int32Array, word: number, actor: number): number {
    if (this.#planes === undefined) return (state[word] >> actor) & 1;
    const planes = this.#planes.get(word) as readonly number[];
    return (state[word + planes[planeOfActor(actor)]] & bitOfActor(actor)) === 0 ? 0 : 1;
  }

  /** Gives the bits of each actor to another: member i of `actors` becomes member `places[i]`. */
  rename(actors: Int32Array, places: Int32Array, state: Int32Array): void {
    if (this.#planes !== undefined) {
      for (const [word, planes] of this.#planes) renameAll(actors, places, state, word, planes);
      return;
    }
    const { words } = this;
    for (let i = 0; i < words.length; i++) {
      const word = words[i];
      const before = state[word];
      if (before === 0) continue;
      let bits = before;
      for (let member = 0; member < places.length; member++) {
        const from = actors[member];
        const to = actors[places[member]];
        bits = (bits & ~(1 << to)) | (((before >> from) & 1) << to);
      }
      state[word] = bits;
    }
  }
}

function renameAll(
  actors: Int32Array,
  places: Int32Array,
  state: Int32Array,
  word: number,
  planes: readonly number[],
): void {
  const before = planes.map((distance) => state[word + distance]);
  if (before.every((bits) => bits === 0)) return;
  const after = [...before];
  for (let member = 0; member < places.length; member++) {
    const [from, to] = [actors[member], actors[places[member]]];
    if ((before[planeOfActor(from)] & bitOfActor(from)) !== 0) after[planeOfActor(to)] |= bitOfActor(to);
    else after[planeOfActor(to)] &= ~bitOfActor(to);
  }
  planes.forEach((distance, plane) => {
    state[word + distance] = after[plane];
  });
}
