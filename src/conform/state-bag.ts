/**
 * State bag: states without repetition, in the order in which they came. Equal are states of equal words; a hash only says
 * where to look, for two states taken for one would be a wrong refusal. Used by the engine only.
 */

/** States, each once. */
export class StateBag {
  readonly states: Int32Array[] = [];
  readonly #labels: string[] = [];
  readonly #places = new Map<number, number[]>();

  /** Adds a state, under a label; whether it is new. */
  add(state: Int32Array, label?: readonly number[]): boolean {
    const text = label === undefined ? '' : label.join();
    const hash = hashOf(state);
    const places = this.#places.get(hash);
    if (places === undefined) this.#places.set(hash, [this.states.length]);
    else {
      for (const place of places) if (this.#labels[place] === text && isSame(this.states[place], state)) return false;
      places.push(this.states.length);
    }
    this.states.push(state);
    this.#labels.push(text);
    return true;
  }
}

function hashOf(state: Int32Array): number {
  let hash = 0;
  for (let i = 0; i < state.length; i++) hash = (Math.imul(hash, 31) + state[i]) | 0;
  return hash;
}

function isSame(one: Int32Array, other: Int32Array): boolean {
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}
