/**
 * Coverage: which ops and machine events no execution of the space executed, and which tests went only one way. Used by
 * `verify`.
 *
 * The ops of a program are those that its calls could lead to, every test taken both ways (reach.ts), so that the ops
 * behind a test that always goes the same way are named too.
 */

import { type Automaton, NODE_WORDS } from '../core/automaton/automaton.js';
import { sentEventOf } from '../core/ops/accesses.js';
import type { Program } from '../core/program/program.js';
import { isExpected, nodesWithinReach } from '../core/story/reach.js';
import { functionAt, opClass } from '../core/story/signature.js';
import { type Executed, Ran } from '../space/executed.js';
import type { LocalView } from '../space/local-view.js';
import type { Met } from '../space/met.js';

/** What was not covered, each list sorted. */
export interface Uncovered {
  /** `function: op`. */
  readonly neverExecuted: readonly string[];
  /** `machine: event`. */
  readonly eventsNeverSent: readonly string[];
  /** Those of them that an op sends which the calls could lead to. */
  readonly eventsWithinReach: readonly string[];
  /** `function: op -> always ...`. */
  readonly oneSided: readonly string[];
}

/** What a search that executed `executed` did not cover. */
export function uncovered(program: Program, met: Met, view: LocalView, executed: Executed): Uncovered {
  const { automaton } = program;
  nodesWithinReach(program, (node) => met.results(node));
  const ran = new Map<string, { bits: number; tests: string | undefined }>();
  const sent = new Set<string>();
  const within = new Set<string>();
  for (let id = 1; id < automaton.infos.length; id++) {
    const { op } = automaton.infos[id];
    if (!isExpected(op)) continue;
    const node = id * NODE_WORDS;
    const representative = view.representative(node);
    const bits = executed.of(node) | (representative < 0 ? 0 : executed.of(representative));
    const key = `${functionAt(automaton, node)}: ${opClass(automaton, node)}`;
    const kind = op.spec.result;
    // Nodes come in the order in which they were derived, which is not the same everywhere: none of them decides alone.
    const before = ran.get(key);
    ran.set(key, {
      bits: bits | (before?.bits ?? 0),
      tests: kind === 'boolean' || kind === 'ref' ? kind : before?.tests,
    });
    noteEvent(program, automaton, node, bits, sent, within);
  }
  const neverExecuted: string[] = [];
  const oneSided: string[] = [];
  for (const [key, { bits, tests }] of ran) {
    if ((bits & Ran.Executed) === 0) neverExecuted.push(key);
    else if (tests !== undefined && (bits & Ran.Yes) === 0)
      oneSided.push(`${key} -> always ${tests === 'ref' ? 'NULL' : 'false'}`);
    else if (tests !== undefined && (bits & Ran.No) === 0)
      oneSided.push(tests === 'ref' ? `${key} -> never NULL` : `${key} -> always true`);
  }
  const eventsNeverSent = program.machines.flatMap(({ name, events }) =>
    events.map((event) => `${name}: ${event}`).filter((event) => !sent.has(event)),
  );
  return {
    neverExecuted: neverExecuted.sort(),
    eventsNeverSent: eventsNeverSent.sort(),
    eventsWithinReach: eventsNeverSent.filter((event) => within.has(event)),
    oneSided: oneSided.sort(),
  };
}

function noteEvent(
  { machines }: Program,
  automaton: Automaton,
  node: number,
  bits: number,
  sent: Set<string>,
  within: Set<string>,
): void {
  const sends = sentEventOf(automaton.opOf(node).spec);
  if (sends === undefined) return;
  const { name, events } = machines[sends.machine];
  const event = `${name}: ${events[sends.event]}`;
  within.add(event);
  // One that finds no object sends nothing.
  if ((bits & Ran.Executed) !== 0 && (sends.always || bits !== (Ran.Executed | Ran.No))) sent.add(event);
}
