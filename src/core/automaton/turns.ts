/**
 * Turns: what a routine did after an op returned something, wherever on its paths it did so: which function it was in,
 * the op, its result, and what came next. The deriver has every turn taken by two generators at least, to see whether the
 * routine is deterministic; a turn that many paths share is not taken twice on each of them. Imported by the deriver only.
 */

import { type Derived, signatureOfDerived } from './derived.js';

/** How a path came to a node. */
interface Arrival {
  /** Number of what the routine yielded there. */
  readonly step: number;
  readonly turn: number;
  /** The node before; undefined at the beginning of a routine, or of a round. */
  readonly from: number | undefined;
}

/** The turns of one automaton. */
export class Turns {
  readonly #steps = new Map<string, number>();
  readonly #turns = new Map<string, number>();
  /** By turn: whether a second generator took it. */
  readonly #twice: boolean[] = [];
  readonly #arrivals = new Map<number, Arrival>();

  /** How a path goes on behind the node `from`, whose op returned `result`. */
  after(from: number | undefined, result: number | undefined, routine: string, derived: Derived): Arrival {
    const step = numberOf(this.#steps, `${derived.frame?.name ?? routine} ${signatureOfDerived(derived)}`);
    const before = from === undefined ? undefined : this.#arrivals.get(from);
    const turn = numberOf(this.#turns, `${before?.step} ${result} ${step}`);
    return { step, turn, from };
  }

  /** Whether a path has a turn that was taken once only. */
  hasNew(last: Arrival): boolean {
    for (let at: Arrival | undefined = last; at !== undefined; at = this.#before(at)) {
      if (this.#twice[at.turn] !== true) return true;
    }
    return false;
  }

  /** A second generator came the same way. */
  tookTwice(last: Arrival | undefined): void {
    for (let at = last; at !== undefined; at = this.#before(at)) this.#twice[at.turn] = true;
  }

  /** The path has come to a node. */
  arrive(node: number, arrival: Arrival): void {
    this.#arrivals.set(node, arrival);
  }

  /** How a path came to a node. */
  arrivalAt(node: number | undefined): Arrival | undefined {
    return node === undefined ? undefined : this.#arrivals.get(node);
  }

  #before({ from }: Arrival): Arrival | undefined {
    return this.arrivalAt(from);
  }
}

function numberOf(numbers: Map<string, number>, text: string): number {
  let number = numbers.get(text);
  if (number === undefined) {
    number = numbers.size;
    numbers.set(text, number);
  }
  return number;
}
