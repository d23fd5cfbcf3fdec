/**
 * Racing pairs: which ordered pairs of classes of ops, of different actors, came one right before the other in some schedule
 * of the stream, of all that may race. How much of what could happen was seen, told without a guess. Used by the stream.
 */

import { CLASSES, type OpClasses, pairOf } from '../op-classes.js';
import { racesWith, type Sharing } from '../sharing.js';
import { KeyCounts } from './key-counts.js';

/** Ordered pairs of classes that may race. */
export interface PairCounts {
  readonly seen: number;
  readonly all: number;
  /** Those that were not seen, sorted. */
  readonly unseen: readonly { readonly before: string; readonly after: string }[];
}

/** How one actor's ops of a class touch a word. */
interface Touch {
  readonly op: number;
  readonly actor: number;
  way: number;
}

/** Notes pairs as they come. */
export class RacingPairs {
  readonly #met = new KeyCounts();

  constructor(
    readonly classes: OpClasses,
    readonly sharing: Sharing,
  ) {}

  /** A step of one class came right before one of another, of another actor. */
  met(before: number, after: number): void {
    this.#met.add(pairOf(before, after), 0);
  }

  /** What was met of what may race, as far as ops are known. */
  counts(): PairCounts {
    const all = this.#all();
    const unseen = [...all].filter((pair) => this.#met.of(pair | 0, 0) === 0);
    const { texts } = this.classes;
    const pairs = unseen.map((pair) => ({ before: texts[Math.floor(pair / CLASSES)], after: texts[pair % CLASSES] }));
    const keyOf = ({ before, after }: (typeof pairs)[number]): string => `${before}\n${after}`;
    return {
      seen: all.size - unseen.length,
      all: all.size,
      unseen: pairs.sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1)),
    };
  }

  #all(): ReadonlySet<number> {
    const byWord = new Map<number, Map<number, Touch>>();
    this.sharing.forEachTouch((node, actor, word, way) => {
      const touches = byWord.get(word) ?? new Map<number, Touch>();
      byWord.set(word, touches);
      const op = this.classes.of(node);
      const known = touches.get(op * 256 + actor);
      if (known === undefined) touches.set(op * 256 + actor, { op, actor, way });
      else known.way |= way;
    });
    const pairs = new Set<number>();
    for (const touches of byWord.values()) {
      for (const one of touches.values()) {
        for (const other of touches.values()) {
          if (one.actor !== other.actor && racesWith(one.way, other.way)) pairs.add(one.op * CLASSES + other.op);
        }
      }
    }
    return pairs;
  }
}
