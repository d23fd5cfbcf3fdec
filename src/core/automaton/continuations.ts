/**
 * Continuations: how a routine went on after an op returned something, wherever on its paths that was: the function and the
 * op, the result, and what came next. The deriver has each taken by two generators at least, to see whether the routine is
 * deterministic; one that many paths share is not taken twice on each of them. Imported by the deriver only.
 */

import { numbered } from '../numbered.js';
import { type Derived, signatureOfDerived } from './derived.js';

/** How a path came to a node. */
interface Arrival {
  /** Number of what the routine yielded there. */
  readonly step: number;
  /** Number of the continuation that led there. */
  readonly by: number;
  /** The node before; undefined at the beginning of a routine, or of a round. */
  readonly from: number | undefined;
}

/** The continuations of one automaton. */
export class Continuations {
  readonly #steps = new Map<string, number>();
  readonly #numbers = new Map<string, number>();
  /** By continuation: whether a second generator took it. */
  readonly #twice: boolean[] = [];
  readonly #arrivals = new Map<number, Arrival>();

  /** How a path goes on behind the node `from`, whose op returned `result`. */
  after(from: number | undefined, result: number | undefined, routine: string, derived: Derived): Arrival {
    const step = numbered(this.#steps, `${derived.frame?.name ?? routine} ${signatureOfDerived(derived)}`);
    const by = numbered(this.#numbers, `${this.arrivalAt(from)?.step} ${result} ${step}`);
    return { step, by, from };
  }

  /** Whether a path has a continuation that was taken once only. */
  hasNew(last: Arrival): boolean {
    for (let at: Arrival | undefined = last; at !== undefined; at = this.arrivalAt(at.from)) {
      if (this.#twice[at.by] !== true) return true;
    }
    return false;
  }

  /** A second generator came the same way. */
  tookTwice(last: Arrival | undefined): void {
    for (let at = last; at !== undefined; at = this.arrivalAt(at.from)) this.#twice[at.by] = true;
  }

  /** The path has come to a node. */
  arrive(node: number, arrival: Arrival): void {
    this.#arrivals.set(node, arrival);
  }

  /** How a path came to a node. */
  arrivalAt(node: number | undefined): Arrival | undefined {
    return node === undefined ? undefined : this.#arrivals.get(node);
  }
}
