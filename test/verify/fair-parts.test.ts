/** Fair parts of random small graphs, against all sets of edges that a run could go round. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ActorSets } from '../../src/core/run/actor-sets.js';
import { type DemandGraph, type EdgeLabel, fairPartsOf } from '../../src/verify/fair-parts.js';

const STATES = 4;
const ACTORS = 2;
const DEMANDS = 3;

const label: fc.Arbitrary<EdgeLabel> = fc.record({
  makes: fc.uniqueArray(fc.nat(DEMANDS - 1), { maxLength: 2 }),
  meets: fc.uniqueArray(fc.nat(DEMANDS - 1), { maxLength: 1 }),
});

const graphs: fc.Arbitrary<DemandGraph> = fc
  .record({
    labels: fc.array(label, { minLength: 1, maxLength: 4 }),
    edges: fc.array(
      fc.record({ from: fc.nat(STATES - 1), to: fc.nat(STATES - 1), actor: fc.nat(ACTORS - 1), label: fc.nat(3) }),
      { minLength: 1, maxLength: 9 },
    ),
    unable: fc.array(fc.nat(2 ** ACTORS - 1), { minLength: STATES, maxLength: STATES }),
  })
  .map(({ labels, edges, unable }) => ({
    states: STATES,
    from: Int32Array.from(edges, ({ from }) => from),
    to: Int32Array.from(edges, ({ to }) => to),
    actors: Uint8Array.from(edges, ({ actor }) => actor),
    label: Int32Array.from(edges, (edge) => edge.label % labels.length),
    labels,
    unable: Int32Array.from(unable),
  }));

/** Whether a run may go round exactly these edges, again and again, and be fair. */
function isFairRound(graph: DemandGraph, edges: readonly number[], counts: (demand: number) => boolean): boolean {
  const states = new Set(edges.flatMap((edge) => [graph.from[edge], graph.to[edge]]));
  for (const start of states) {
    const reached = new Set([start]);
    for (const state of reached) for (const edge of edges) if (graph.from[edge] === state) reached.add(graph.to[edge]);
    if (reached.size !== states.size) return false;
  }
  const labels = edges.map((edge) => graph.labels[graph.label[edge]]);
  const met = new Set(labels.flatMap(({ meets }) => meets));
  if (labels.some(({ makes }) => makes.some((demand) => counts(demand) && !met.has(demand)))) return false;
  return Array.from({ length: ACTORS }, (_, actor) => actor).every(
    (actor) =>
      edges.some((edge) => graph.actors[edge] === actor) ||
      [...states].some((state) => ((graph.unable[state] >> actor) & 1) !== 0),
  );
}

function subsetsOf(edges: number): number[][] {
  return Array.from({ length: 2 ** edges - 1 }, (_, set) =>
    Array.from({ length: edges }, (__, edge) => edge).filter((edge) => (((set + 1) >> edge) & 1) !== 0),
  );
}

it('are fair rounds, disjoint, and every fair round lies in one of them', () => {
  const met = { some: 0, none: 0, several: 0, less: 0 };
  fc.assert(
    fc.property(graphs, fc.nat(2 ** DEMANDS - 1), (graph, counted) => {
      const counts = (demand: number): boolean => ((counted >> demand) & 1) !== 0;
      const parts = fairPartsOf(graph, new ActorSets(ACTORS), counts);
      const rounds = subsetsOf(graph.from.length).filter((edges) => isFairRound(graph, edges, counts));
      for (const { edges, states, movers } of parts) {
        expect(isFairRound(graph, [...edges], counts)).toBe(true);
        expect(states).toEqual([...new Set([...edges].map((edge) => graph.from[edge]))].sort());
        expect(movers).toBe([...edges].reduce((set, edge) => set | (1 << graph.actors[edge]), 0));
      }
      const all = parts.flatMap(({ edges }) => [...edges]);
      expect(new Set(all).size).toBe(all.length);
      for (const round of rounds) {
        expect(parts.some(({ edges }) => round.every((edge) => edges.includes(edge)))).toBe(true);
      }
      met[rounds.length > 0 ? 'some' : 'none']++;
      if (parts.length > 1) met.several++;
      const whole = fairPartsOf(graph, new ActorSets(ACTORS), () => false).flatMap(({ edges }) => [...edges]);
      if (whole.length > all.length) met.less++;
    }),
    { numRuns: 1500 },
  );
  for (const count of Object.values(met)) expect(count).toBeGreaterThan(40);
});
