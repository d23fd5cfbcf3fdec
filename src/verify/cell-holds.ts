/**
 * Cell holds: which locks that are made of cells an actor holds in a local state. Used by lock order.
 *
 * No word says so, as one does of every other lock, but the ops that take such a lock and give it back are marked
 * (primitives/cell-lock.ts). So what is held is a flow over the local states that a search met: held is what every way to a
 * local state has taken and not given back. A lock that somebody gives back who does not hold it for certain is none that
 * an order could be kept for: a semaphore with which one task signals another, a lock that is handed over.
 */

import { AGAIN, DONE, Field, Flag, NODE_WORDS } from '../core/automaton/automaton.js';
import type { LockUse, OpSpec } from '../core/ops/op.js';
import { Opcode } from '../core/ops/op.js';
import type { Program } from '../core/program/program.js';
import type { LocalStates } from '../space/local-states.js';
import type { System } from '../space/system.js';

/** How often a lock was taken and not given back, and how. */
export interface CellHold {
  readonly as: LockUse['mode'];
  readonly times: number;
}

/** What an actor holds, by the names of the locks. */
export type CellHoldings = ReadonlyMap<string, CellHold>;

const NOTHING: CellHoldings = new Map();

/** How an op uses a lock that is made of cells; undefined for any other op. */
export function cellLockUse({ code, lock }: OpSpec): LockUse | undefined {
  return code === Opcode.Latch ? undefined : lock;
}

/** The names of the locks that are made of cells, but for those into which several go at a time. */
export function cellLocksOf({ automaton }: Program): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { op } of automaton.infos) {
    const lock = op && cellLockUse(op.spec);
    if (lock !== undefined && lock.several !== true) names.add(lock.name);
  }
  return names;
}

/** What is held in the local states of one search. */
export class CellHolds {
  /** Locks that somebody gives back who does not hold them for certain. */
  readonly handedOver = new Set<string>();
  readonly #held = new Map<LocalStates, Map<number, CellHoldings>>();

  /** @param met numbers of the local states that the search was in, by script */
  constructor(
    readonly system: System,
    met: ReadonlyMap<LocalStates, ReadonlySet<number>>,
  ) {
    for (const [script, locals] of met) {
      const flow = new Flow(system, script, locals);
      this.#held.set(script, flow.held);
      for (const name of flow.handedOver) this.handedOver.add(name);
    }
  }

  /** What is held in a local state for certain. */
  of(script: LocalStates, local: number): CellHoldings {
    return this.#held.get(script)?.get(local) ?? NOTHING;
  }
}

/** The flow over the local states of one script. */
class Flow {
  readonly held = new Map<number, CellHoldings>();
  readonly handedOver = new Set<string>();
  /** Numbers of local states, by call and node. */
  readonly #numbers = new Map<string, number>();
  readonly #work: number[] = [];

  constructor(
    readonly system: System,
    readonly script: LocalStates,
    locals: ReadonlySet<number>,
  ) {
    for (const local of locals) {
      const { call, node } = script.states[local];
      this.#numbers.set(`${call} ${node}`, local);
    }
    this.#arrive(0, script.script.calls[0]?.root.node ?? DONE, NOTHING);
    for (let local = this.#work.pop(); local !== undefined; local = this.#work.pop()) this.#leave(local);
    // What is held is known now, so what is given back by somebody else can be told.
    for (const local of this.held.keys()) this.#leave(local, this.handedOver);
  }

  #leave(local: number, handedOver?: Set<string>): void {
    const { call, node } = this.script.states[local];
    if (node !== DONE) this.#run(call, node, this.held.get(local) as CellHoldings, handedOver);
  }

  /** Goes on from the op at a node, on every result that it was met to have. */
  #run(call: number, node: number, held: CellHoldings, handedOver: Set<string> | undefined): void {
    const { automaton } = this.system.program;
    const { op } = automaton.infos[node / NODE_WORDS];
    const use = op && cellLockUse(op.spec);
    if (use?.action === 'release' && !held.has(use.name)) handedOver?.add(use.name);
    for (const result of automaton.results(node)) {
      this.#arrive(call, automaton.edge(node, result) & ~AGAIN, use ? after(held, use, result) : held, handedOver);
    }
  }

  #arrive(call: number, node: number, held: CellHoldings, handedOver?: Set<string>): void {
    const { nodes } = this.system.program.automaton;
    let [inCall, at] = [call, node];
    while (at !== DONE && nodes[at + Field.code] === Opcode.Return) {
      inCall++;
      at = this.script.script.calls[inCall]?.root.node ?? DONE;
    }
    if ((nodes[at + Field.flags] & Flag.Continues) !== 0) {
      this.#run(inCall, at, held, handedOver);
      return;
    }
    const representative = this.system.view.representative(at);
    const local = this.#numbers.get(`${inCall} ${representative}`);
    // What no run of the search came to is nobody's way.
    if (local === undefined || handedOver !== undefined) return;
    const before = this.held.get(local);
    const now = before === undefined ? held : inBoth(before, held);
    if (now === before) return;
    this.held.set(local, now);
    this.#work.push(local);
  }
}

/** What is held after an op that uses a lock. */
function after(held: CellHoldings, { name, action, mode }: LockUse, result: number): CellHoldings {
  if (action === 'try' && result === 0) return held;
  const own = held.get(name);
  const others = [...held].filter(([each]) => each !== name);
  if (action !== 'release') {
    return new Map([...others, [name, { as: own?.as === 'write' ? own.as : mode, times: (own?.times ?? 0) + 1 }]]);
  }
  if (own === undefined) return held;
  return new Map(own.times === 1 ? others : [...others, [name, { ...own, times: own.times - 1 }]]);
}

/** What is held on either of two ways; the first of them where that is all. */
function inBoth(before: CellHoldings, held: CellHoldings): CellHoldings {
  const both = [...before].flatMap(([name, own]) => {
    const other = held.get(name);
    if (other === undefined) return [];
    const as = own.as === 'write' && other.as === 'write' ? own.as : 'read';
    return [[name, { as, times: Math.min(own.times, other.times) }] as const];
  });
  const isSame =
    both.length === before.size &&
    both.every(([name, { as, times }]) => before.get(name)?.as === as && before.get(name)?.times === times);
  return isSame ? before : new Map(both);
}
