/**
 * Heads: the nodes at which rounds of loops begin, by what they were handed. A loop that hands on ever new values has
 * no last one; it is refused when there are too many of one loop. Used by the automaton only.
 */

import { ModelError } from '../errors.js';
import { carriedDistance, carriedText } from '../ops/loop.js';
import type { CarriedValues } from '../ops/routine.js';
import { valueText } from '../ops/word-value.js';
import type { Entered, Jump } from './feeder.js';

/** Different sets of values that one loop may hand on, behind one history. */
export const MOST_HEADS = 10_000;

/** The rounds of one loop behind one history. */
interface Rounds {
  count: number;
  /** The different values of each name, as text. */
  readonly values: Map<string, Set<string>>;
}

/** The heads of one automaton. */
export class Heads {
  readonly #nodes = new Map<string, number>();
  readonly #rounds = new Map<string, Rounds>();
  readonly #further = new Set<number>();
  readonly #stages = new Map<number, number>();

  /** The node at the head of a round behind a result at `parent`; made by `make` when there is none yet. */
  get(
    root: { readonly name: string; readonly node: number },
    parent: number,
    result: number,
    entered: readonly Entered[],
    make: () => number,
  ): number {
    const place = `${root.node}:${parent}:${result}:`;
    const rounds = entered.map(({ loop, round }) => `${loop}=${carriedText(round)}`);
    const key = place + rounds.join(';');
    const known = this.#nodes.get(key);
    if (known !== undefined) return known;
    const { loop, round } = entered[entered.length - 1];
    this.#count(place + [...rounds.slice(0, -1), loop].join(';'), root.name, round);
    const node = make();
    this.#nodes.set(key, node);
    return node;
  }

  /** Notes a jump from a node, in the rounds `now`, to a head. */
  jumped(
    from: number,
    to: number,
    head: { readonly depth: number; readonly entered: readonly Entered[] },
    { depth, loop, round, place }: Jump,
    now: readonly Entered[],
  ): void {
    if (round === undefined || place.first === undefined) return;
    if (place.staged) {
      this.#stages.set(pairOf(from, to), place.functions);
      this.#further.add(pairOf(from, to));
      return;
    }
    // Where the next round leaves at once for another loop, it is that one's jump.
    if (head.depth !== depth || head.entered.at(-1)?.loop !== loop) return;
    const before = now.find((entered) => entered.loop === loop)?.round ?? place.first;
    if (carriedDistance(place.first, round) > carriedDistance(place.first, before)) this.#further.add(pairOf(from, to));
  }

  /**
   * Whether a jump goes on to a round whose values are further from those of the first one. Nobody goes round for ever
   * by such jumps alone.
   */
  goesOn(from: number, to: number): boolean {
    return this.#further.size > 0 && this.#further.has(pairOf(from, to));
  }

  /** Of a jump to the next stage of a pass how many functions the pass lies in; undefined of any other jump. */
  stage(from: number, to: number): number | undefined {
    return this.#stages.get(pairOf(from, to));
  }

  #count(key: string, name: string, round: CarriedValues): void {
    let rounds = this.#rounds.get(key);
    if (rounds === undefined) {
      rounds = { count: 0, values: new Map() };
      this.#rounds.set(key, rounds);
    }
    for (const [each, value] of Object.entries(round)) {
      const text = carriedText({ value });
      const seen = rounds.values.get(each);
      if (seen === undefined) rounds.values.set(each, new Set([text]));
      else seen.add(text);
    }
    if (++rounds.count > MOST_HEADS) throw endless(name, rounds, round);
  }
}

function endless(name: string, { values }: Rounds, round: CarriedValues): ModelError {
  const [[grows]] = [...values].sort(([, left], [, right]) => right.size - left.size);
  return new ModelError(
    `${name} has too many local states: a loop of its own hands on more than ${MOST_HEADS} different sets of values, and ` +
      `"${grows}" grows (it is ${valueText(round[grows])} now); bound it, or keep it in a cell`,
  );
}

/** Two nodes as one number, which is exact: their offsets are below 2 ** 29, and multiples of 16. */
function pairOf(from: number, to: number): number {
  return from * 2 ** 21 + to / 16;
}
