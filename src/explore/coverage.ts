/**
 * Coverage: which ops ran, which tests went both ways, which machine events were sent. Read off the automaton, whose
 * edges are what was executed, so it costs the hot loop nothing. Used by the shards, merged in the order of the blocks.
 */

import { type Automaton, NODE_WORDS } from '../core/automaton/automaton.js';
import { sentEventOf } from '../core/ops/accesses.js';
import { Opcode } from '../core/ops/op.js';
import type { Program } from '../core/program/program.js';
import { isExpected, nodesWithinReach } from '../core/story/reach.js';
import { functionAt, opLabel } from '../core/story/signature.js';

/** What is known of one op of one function, as a bit set. */
const Seen = {
  Executed: 1,
  /** Returned false, or no ref. */
  No: 2,
  /** Returned true, or a ref. */
  Yes: 4,
  /** Returns a boolean. */
  Test: 8,
  /** Returns a ref or none. */
  Lookup: 16,
} as const;

/** Values that an op returned, of which the smallest are kept: enough to see where they could lead. */
const VALUES = 8;

/** What was added to a coverage; plain data, fit to travel. */
export interface CoverageDelta {
  /** `function: op` with the bits that are new. */
  readonly ops: readonly (readonly [op: string, seen: number])[];
  /** `machine: event`. */
  readonly events: readonly string[];
  /** `function: op` with values that it returned. */
  readonly values: readonly (readonly [op: string, values: readonly number[]])[];
}

/** What was not covered, each list sorted. */
export interface NotReached {
  readonly neverExecuted: readonly string[];
  readonly eventsNeverSent: readonly string[];
  /** Those of them that an op within reach of the calls sends. */
  readonly eventsWithinReach: readonly string[];
  readonly oneSided: readonly string[];
}

/** Ops and events of one program, and what became of them. */
export class Coverage {
  readonly #ops = new Map<string, number>();
  readonly #events = new Set<string>();
  readonly #values = new Map<string, readonly number[]>();
  readonly #refused = new Set<number>();
  /** How much of the automaton was looked at: nodes, and edges in the order in which they were derived. */
  #nodes = 1;
  #edges = 0;
  /** Nodes of ops that were refused since. */
  #fresh: number[] = [];

  constructor(readonly program: Program) {}

  /** Notes an op that ran and was refused, which leaves no edge. */
  refused(node: number): void {
    this.#refused.add(node);
    this.#fresh.push(node);
  }

  /** Takes in what the automaton holds by now; returns what is new. Looks only at what was derived since the last time. */
  scan(): CoverageDelta {
    const { automaton } = this.program;
    const ops = new Map<string, number>();
    const events: string[] = [];
    const values = new Map<string, readonly number[]>();
    for (const node of this.#changed()) {
      const { op } = automaton.info(node);
      if (!isExpected(op)) continue;
      const seen = this.#seen(automaton, node);
      const key = keyOf(automaton, node);
      if (this.#add(key, seen)) ops.set(key, (ops.get(key) ?? 0) | seen);
      const event = this.#sentEventOf(automaton, node);
      if (event !== undefined && !this.#events.has(event)) {
        this.#events.add(event);
        events.push(event);
      }
      if (this.#addValues(key, valuesOf(automaton, node))) values.set(key, this.#values.get(key) ?? []);
    }
    return { ops: [...ops], events, values: [...values] };
  }

  /** The nodes that are new, have new edges, or were refused, since the last time. */
  #changed(): ReadonlySet<number> {
    const { infos, extended } = this.program.automaton;
    const changed = new Set(this.#fresh);
    for (; this.#nodes < infos.length; this.#nodes++) changed.add(this.#nodes * NODE_WORDS);
    for (; this.#edges < extended.length; this.#edges++) changed.add(extended[this.#edges]);
    this.#fresh = [];
    return changed;
  }

  /** Takes in what another coverage of the same program found new. */
  merge({ ops, events, values }: CoverageDelta): void {
    for (const [op, seen] of ops) this.#add(op, seen);
    for (const event of events) this.#events.add(event);
    for (const [op, returned] of values) this.#addValues(op, returned);
  }

  /**
   * What was not covered. With `ahead`, the same program compiled once more, also of what the calls could have reached
   * and did not come near; looking there derives more of its automaton than was executed.
   */
  uncovered(ahead: Program | undefined): NotReached {
    const within = ahead === undefined ? { ops: [], events: new Set<string>() } : this.#withinReach(ahead);
    const neverExecuted: string[] = within.ops.filter((op) => !this.#ops.has(op));
    const oneSided: string[] = [];
    for (const [op, seen] of this.#ops) {
      if ((seen & Seen.Executed) === 0) neverExecuted.push(op);
      else if ((seen & Seen.Test) !== 0 && (seen & Seen.Yes) === 0) oneSided.push(`${op} -> always false`);
      else if ((seen & Seen.Test) !== 0 && (seen & Seen.No) === 0) oneSided.push(`${op} -> always true`);
      else if ((seen & Seen.Lookup) !== 0 && (seen & Seen.Yes) === 0) oneSided.push(`${op} -> always NULL`);
      else if ((seen & Seen.Lookup) !== 0 && (seen & Seen.No) === 0) oneSided.push(`${op} -> never NULL`);
    }
    const eventsNeverSent = this.program.machines.flatMap(({ name, events }) =>
      events.map((event) => `${name}: ${event}`).filter((event) => !this.#events.has(event)),
    );
    return {
      neverExecuted: neverExecuted.sort(),
      eventsNeverSent: eventsNeverSent.sort(),
      eventsWithinReach: eventsNeverSent.filter((event) => within.events.has(event)),
      oneSided: oneSided.sort(),
    };
  }

  /** Ops and events of the routines that the calls lead to. */
  #withinReach(program: Program): { readonly ops: readonly string[]; readonly events: ReadonlySet<string> } {
    const { automaton, machines } = program;
    const nodes = nodesWithinReach(program, (node) => this.#values.get(keyOf(automaton, node)) ?? [0]);
    const events = nodes.map((node) => sentEventOf(automaton.opOf(node).spec)).filter((sends) => sends !== undefined);
    return {
      ops: [...new Set(nodes.map((node) => keyOf(automaton, node)))],
      events: new Set(
        events.map(({ machine, event }) => `${machines[machine].name}: ${machines[machine].events[event]}`),
      ),
    };
  }

  /** Keeps the smallest: so what is kept depends on what was returned, and not on the order. */
  #addValues(op: string, returned: readonly number[]): boolean {
    const before = this.#values.get(op) ?? [];
    const all = [...new Set([...before, ...returned])].sort((left, right) => left - right).slice(0, VALUES);
    if (all.length === before.length && all.every((value, place) => value === before[place])) return false;
    this.#values.set(op, all);
    return true;
  }

  #add(op: string, seen: number): boolean {
    const before = this.#ops.get(op);
    if (before !== undefined && (before | seen) === before) return false;
    this.#ops.set(op, (before ?? 0) | seen);
    return true;
  }

  #seen(automaton: Automaton, node: number): number {
    const { result } = automaton.opOf(node).spec;
    const results = automaton.results(node);
    let seen = results.length > 0 || this.#refused.has(node) ? Seen.Executed : 0;
    if (result !== 'boolean' && result !== 'ref') return seen;
    seen |= result === 'boolean' ? Seen.Test : Seen.Lookup;
    if (results.includes(0)) seen |= Seen.No;
    if (results.includes(1)) seen |= Seen.Yes;
    return seen;
  }

  /** The machine event that the op at a node has sent; undefined when it sends none, or has sent none yet. */
  #sentEventOf(automaton: Automaton, node: number): string | undefined {
    const sends = sentEventOf(automaton.opOf(node).spec);
    if (sends === undefined) return undefined;
    const sent = sends.always ? automaton.taken(node) : automaton.results(node).includes(1);
    if (!sent && !this.#refused.has(node)) return undefined;
    const { name, events } = this.program.machines[sends.machine];
    return `${name}: ${events[sends.event]}`;
  }
}

function keyOf(automaton: Automaton, node: number): string {
  return `${functionAt(automaton, node)}: ${opLabel(automaton, node)}`;
}

/** The values that an op was met to return; none for a test, and for an op that returns none. */
function valuesOf(automaton: Automaton, node: number): readonly number[] {
  const { code, result } = automaton.opOf(node).spec;
  const returns = code === Opcode.Word || code === Opcode.Compute;
  return returns && result !== 'boolean' && result !== 'ref' && result !== 'none' ? automaton.results(node) : [];
}
