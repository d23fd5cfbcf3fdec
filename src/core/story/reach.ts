/**
 * Reach: where the calls of a program could lead, every test taken both ways, whether or not any run takes it there. What
 * was covered is measured against it: an op that lies within reach and never ran is worth a look, one that no call leads
 * to is not. Read by the coverage of the engines.
 *
 * Histories multiply, and ops do not: of each routine, a few histories are followed for each op of each function, so an
 * op that only a rare combination of results leads to may be missed.
 */

import { AGAIN, DONE, Field } from '../automaton/automaton.js';
import { isFailure } from '../ops/accesses.js';
import { type Op, Opcode } from '../ops/op.js';
import type { Program } from '../program/program.js';
import { functionAt, opClass } from './signature.js';

/** Histories that are followed for each op. */
const HISTORIES = 6;
/** Local states that are looked at, at most. */
const MOST_NODES = 2_000;

/**
 * The local states within reach of the program's calls, from their roots on; adds to its automaton what is not there yet.
 * `resultsOf`: the results that are tried at a local state whose op returns a value.
 */
export function nodesWithinReach(program: Program, resultsOf: (node: number) => readonly number[]): readonly number[] {
  const { automaton } = program;
  const found = new Set<number>();
  const histories = new Map<string, number>();
  for (const { calls } of program.actors) for (const { root } of calls) found.add(root.node);
  for (const node of found) {
    if (found.size >= MOST_NODES) break;
    const { op, root } = automaton.info(node);
    if (node === DONE || op === undefined) continue;
    const key = `${root.node} ${functionAt(automaton, node)}: ${opClass(automaton, node)}`;
    const before = histories.get(key) ?? 0;
    histories.set(key, before + 1);
    if (before >= HISTORIES) continue;
    for (const result of resultsAt(node)) {
      const edge = edgeOf(node, result);
      if (edge !== undefined) found.add(edge & ~AGAIN);
    }
  }
  return [...found].filter((node) => isExpected(automaton.info(node).op));

  function resultsAt(node: number): readonly number[] {
    const { spec } = automaton.opOf(node);
    const { code, result } = spec;
    if (isFailure(spec)) return [];
    if (code === Opcode.Choose)
      return Array.from({ length: Math.min(automaton.nodes[node + Field.a], 16) }, (_, way) => way);
    if (result === 'boolean' || result === 'ref') return [0, 1];
    return result === 'none' || result === 'raw' ? [0] : resultsOf(node);
  }

  function edgeOf(node: number, result: number): number | undefined {
    try {
      return automaton.edge(node, result);
    } catch {
      // On a path that no run takes a routine may find its data impossible.
      return undefined;
    }
  }
}

/** Whether somebody would miss an op that never ran: what says that something is wrong had better not. */
export function isExpected(op: Op<unknown> | undefined): op is Op<unknown> {
  return op !== undefined && !isFailure(op.spec);
}
