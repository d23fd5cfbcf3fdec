/**
 * Cost queue: a binary heap of node numbers by cost. Used by the search for the shortest schedule.
 */

/** Gives back the cheapest node first. */
export class CostQueue {
  readonly #costs: number[] = [];
  readonly #nodes: number[] = [];

  /** The cost of the node that `take` would return; Infinity when there is none. */
  get lowest(): number {
    return this.#costs[0] ?? Number.POSITIVE_INFINITY;
  }

  /** Adds a node. */
  put(cost: number, node: number): void {
    let place = this.#costs.length;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (this.#costs[parent] <= cost) break;
      this.#costs[place] = this.#costs[parent];
      this.#nodes[place] = this.#nodes[parent];
      place = parent;
    }
    this.#costs[place] = cost;
    this.#nodes[place] = node;
  }

  /** Removes the cheapest node and returns it; -1 when there is none. */
  take(): number {
    if (this.#costs.length === 0) return -1;
    const cheapest = this.#nodes[0];
    const cost = this.#costs.pop()!;
    const node = this.#nodes.pop()!;
    const size = this.#costs.length;
    if (size === 0) return cheapest;
    let place = 0;
    for (let child = 1; child < size; child = place * 2 + 1) {
      if (child + 1 < size && this.#costs[child + 1] < this.#costs[child]) child++;
      if (this.#costs[child] >= cost) break;
      this.#costs[place] = this.#costs[child];
      this.#nodes[place] = this.#nodes[child];
      place = child;
    }
    this.#costs[place] = cost;
    this.#nodes[place] = node;
    return cheapest;
  }
}
