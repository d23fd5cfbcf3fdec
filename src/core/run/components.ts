/**
 * Components: the strongly connected components of a graph of states, by Tarjan's algorithm without recursion
 * ("Depth-first search and linear graph algorithms", 1972). Used by livelock and starvation.
 */

/** Components are numbered so that an edge never leads to a higher one. */
export interface Components {
  readonly count: number;
  /** The component of each state. */
  readonly of: Int32Array;
  /** All states, component by component. */
  readonly members: Int32Array;
}

/** Finds the components of a graph of `states` states; the edges of state s are `starts[s]` .. `starts[s + 1] - 1`. */
export function componentsOf(states: number, starts: Int32Array, targets: Int32Array): Components {
  const of = new Int32Array(states).fill(-1);
  const order = new Int32Array(states).fill(-1);
  const low = new Int32Array(states);
  /** States whose component is not closed yet. */
  const open = new Int32Array(states);
  const path = new Int32Array(states);
  const next = starts.slice(0, states);
  const members = new Int32Array(states);
  let [opened, depth, met, count, closed] = [0, 0, 0, 0, 0];
  for (let root = 0; root < states; root++) {
    if (order[root] >= 0) continue;
    path[depth++] = root;
    while (depth > 0) {
      const state = path[depth - 1];
      if (order[state] < 0) {
        order[state] = low[state] = met++;
        open[opened++] = state;
      }
      if (next[state] < starts[state + 1]) {
        const target = targets[next[state]++];
        if (order[target] < 0) path[depth++] = target;
        else if (of[target] < 0) low[state] = Math.min(low[state], order[target]);
        continue;
      }
      depth--;
      if (depth > 0) low[path[depth - 1]] = Math.min(low[path[depth - 1]], low[state]);
      if (low[state] !== order[state]) continue;
      for (let member = -1; member !== state; ) {
        member = open[--opened];
        of[member] = count;
        members[closed++] = member;
      }
      count++;
    }
  }
  return { count, of, members };
}
