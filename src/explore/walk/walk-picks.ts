/**
 * Walk picks: which strategies the walk kernel knows, and what it is told of one. Used by the walk kernel.
 */

import * as L from '../../kernels/walk-words.js';
import { MOST_HELD, ONE_LETS_GO } from '../held-classes.js';
import { Mix } from '../mix.js';
import { ONE_WAKES, PAIR_FALLS, Pair } from '../pair.js';
import { GRAINS, Pct } from '../pct.js';
import { Pos } from '../pos.js';
import { RandomWalk } from '../random-walk.js';
import type { Strategy } from '../strategy.js';
import type { WalkTrees } from './walk-trees.js';

/** Whether the kernel can pick as a strategy does. */
export function canPick(strategy: Strategy): boolean {
  if (strategy instanceof Mix) {
    const [pair, pos, ...others] = strategy.strategies;
    return pair instanceof Pair && pos instanceof Pos && others.length === 0;
  }
  return strategy instanceof RandomWalk || strategy instanceof Pct || strategy instanceof Pos;
}

/** Whether it looks at the ops that are pending, and not only at who can run. */
export function looksAtOps(strategy: Strategy): boolean {
  return strategy instanceof Mix || strategy instanceof Pos;
}

/** Who picks a run, where several take turns: `picker` is the kernel's name for that one. */
export function nameOfPicker(strategy: Strategy, picker: number): string {
  if (!(strategy instanceof Mix)) return strategy.name;
  return strategy.strategies[picker === L.BY_PAIR ? 0 : 1].name;
}

/** Fills in what the kernel is told of a strategy. */
export class WalkPicks {
  constructor(readonly trees: WalkTrees) {}

  layOut(strategy: Strategy): void {
    this.#put(L.PICKED, -1);
    this.#put(L.STRATEGY, L.BY_RANDOM);
    if (strategy instanceof Pct) this.#pct(strategy);
    else if (strategy instanceof Pos) this.#pos(strategy);
    else if (strategy instanceof Mix) {
      this.#put(L.TAKES_TURNS, 1);
      for (const each of strategy.strategies) {
        if (each instanceof Pair) this.#pair(each);
        else if (each instanceof Pos) this.#pos(each);
      }
    }
  }

  #pct({ depth, mostVisible, fairFrom }: Pct): void {
    this.#put(L.STRATEGY, L.BY_PCT);
    this.#put(L.CHANGES, this.trees.allot(depth));
    this.#put(L.CHANGE_COUNT, depth - 1);
    this.#put(L.MOST_VISIBLE, mostVisible);
    this.#put(L.FAIR_FROM, fairFrom);
    this.#put(L.PRIORITY_GRAINS, GRAINS);
  }

  #pair({ mostVisible }: Pair): void {
    this.#put(L.STRATEGY, L.BY_PAIR);
    this.#put(L.PAIR_CHANGES, this.trees.allot(PAIR_FALLS));
    this.#put(L.PAIR_CHANGE_COUNT, PAIR_FALLS);
    this.#put(L.PAIR_WAKES, ONE_WAKES);
    this.#put(L.MOST_VISIBLE, mostVisible);
  }

  #pos({ held }: Pos): void {
    this.#put(L.STRATEGY, L.BY_POS);
    if (held === undefined) return;
    this.#put(L.HELD_MOST, MOST_HELD);
    this.#put(L.HELD_CHANGES, this.trees.allot(MOST_HELD));
    this.#put(L.HELD_LETS_GO, ONE_LETS_GO);
    this.#put(L.MOST_VISIBLE, held.mostVisible);
  }

  #put(at: number, value: number): void {
    this.trees.words[at >> 2] = value;
  }
}
