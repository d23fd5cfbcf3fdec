/**
 * Completion: every node of a program's automaton that its ops can lead to, whatever the order of steps.
 *
 * Each node is extended for every result that ops which look like its op were met to have (met.ts), and for every
 * outcome of a choice. Control is ignored, so the completed automaton holds more than any run reaches; a routine may
 * even throw on a path that no run takes, and such an edge is noted as one that throws. Merging, dead registers and the
 * footprints of order reduction are computed over completed automata only, and a search that meets a result which was
 * left out starts over with it. So what is concluded holds for all that occurs, and the conclusion itself is checked.
 * Bounded: a routine that loops without here/again has no end. Used by merge.ts and por.ts.
 */

import { AGAIN, type Automaton, Field, NODE_WORDS } from '../core/automaton/automaton.js';
import { isFailure } from '../core/ops/accesses.js';
import { Opcode } from '../core/ops/op.js';
import type { Program } from '../core/program/program.js';
import { functionAt } from '../core/story/signature.js';
import type { Met } from './met.js';

/** The edge of a result on which the routine throws. */
export const THROWS = -1;

/** What cures too many local states: fewer results that one of them stands for. */
const ADVICE =
  'a call remembers what each of its ops returned; make each part that stands by itself a call of its own, and a loop ' +
  'begin with here() and go on with again()';

/** A routine that takes in more results than this without a retry is taken to loop. Its nodes cost as much each. */
const MOST_DEPTH = 500;

/** Edges of one node. */
export interface LocalEdges {
  readonly results: readonly number[];
  /** Target, with AGAIN set when it is the head of a retry loop; or THROWS. */
  readonly edges: readonly number[];
}

/** A completed automaton. */
export interface Completion {
  /**
   * Nodes that the calls of the program lead to, breadth first from their roots: an order that does not depend on which
   * of them were derived first, so it is the same in every thread.
   */
  readonly nodes: readonly number[];
  /** Edges by number of the node (node / NODE_WORDS). */
  readonly edges: ReadonlyMap<number, LocalEdges>;
}

/**
 * Completes a program's automaton over what was met; or says why it cannot, and what to write.
 */
export function completeAutomaton(program: Program, met: Met, mostNodes = 30_000): Completion | string {
  const { automaton } = program;
  const edges = new Map<number, LocalEdges>();
  const work: number[] = [];
  const add = (node: number): void => {
    if (edges.has(node)) return;
    edges.set(node, { results: [], edges: [] });
    work.push(node);
  };
  for (const { calls } of program.actors) for (const { root } of calls) add(root.node);
  for (const node of work) {
    if (automaton.nodes[node + Field.code] === Opcode.Return) continue;
    const results = resultsOf(automaton, node, met);
    const targets = results.map((result) => edgeOf(automaton, node, result));
    edges.set(node, { results, edges: targets });
    for (const target of targets) if (target !== THROWS) add(target & ~AGAIN);
    if (edges.size > mostNodes || automaton.info(node).depth > MOST_DEPTH) {
      const count = mostNodes.toLocaleString('en');
      const what = edges.size > mostNodes ? `more than ${count} in all` : `one is ${MOST_DEPTH} results deep`;
      return `the local states of ${functionAt(automaton, node)} have no end that could be seen (${what}): ${ADVICE}`;
    }
  }
  return { nodes: [...edges.keys()], edges };
}

function edgeOf(automaton: Automaton, node: number, result: number): number {
  try {
    return automaton.edge(node, result);
  } catch {
    // On a path that no run takes a routine may find its data impossible. Should a run take it, the search will throw.
    return THROWS;
  }
}

/** Every result the op at a node may have. */
function resultsOf({ nodes, infos }: Automaton, node: number, met: Met): readonly number[] {
  const { op } = infos[node / NODE_WORDS];
  if (op === undefined || isFailure(op.spec)) return [];
  const { code, result, region, word } = op.spec;
  if (code === Opcode.Choose) return Array.from({ length: nodes[node + Field.a] }, (_, choice) => choice);
  if (result === 'boolean' || result === 'ref') return met.results(node);
  if (code === Opcode.Word && word?.result !== undefined) {
    const found = new Set(met.results(node));
    for (const value of met.values(region?.base ?? -1)) {
      if (wordRuns(word, value)) found.add((word.result(value) ?? 0) | 0);
    }
    return [...found].sort((left, right) => left - right);
  }
  if (code === Opcode.Compute) return [...new Set([...met.results(node), 0])].sort((left, right) => left - right);
  return [0];
}

function wordRuns(
  word: { enabled?: (value: number) => boolean; violation?: (value: number) => unknown },
  value: number,
): boolean {
  return (word.enabled?.(value) ?? true) && word.violation?.(value) === undefined;
}
