/**
 * Thread counts: turns what the nodes of one thread counted into statistics. Used by the live thread.
 *
 * Only ends and jumps are counted as they happen. A call that ended has done every op from its start to its end once, and
 * besides, for each jump, every op from the head of the loop to the jump; so how often each op was done follows, but for
 * the calls that are under way. A jump enters no function before the first op of the loop.
 */

import type { Frame, NodeInfo } from '../core/automaton/automaton.js';
import { LatchMode, unpackLatch } from '../core/ops/latch.js';
import type { LockUse, Op } from '../core/ops/op.js';
import type { Program } from '../core/program/program.js';
import { withoutNumbers } from '../core/story/signature.js';
import { LiveCode } from './live-code.js';
import type { LiveNode } from './live-node.js';
import type { LiveNodes } from './live-nodes.js';
import type { CallCount, FunctionCount, LockCount, RetryCount, StatisticsPart } from './statistics.js';

type Changeable<T> = { -readonly [K in keyof T]: T[K] };

/** Sums up, by name, what the nodes counted since the last time, and sets them back. */
export function takeCounts({ program, all }: LiveNodes): Omit<StatisticsPart, 'latencies'> {
  const sums = new Sums(program);
  for (const node of all) {
    if (node.code === LiveCode.Return) sums.addCalls(node);
    if (node.code === LiveCode.Again) sums.addJumps(node);
  }
  for (const node of all) if (node.op !== undefined) sums.addOp(node);
  for (const node of all) {
    node.visits = 0;
    node.detours = 0;
    node.waitedMs = 0;
  }
  return sums.counts();
}

class Sums {
  readonly #calls = new Map<string, { completed: number; faults: number; results: Map<number, number> }>();
  readonly #retries = new Map<string, number>();
  readonly #locks = new Map<string, Changeable<LockCount>>();
  readonly #functions = new Map<string, number>();
  /** By number of the node: how often its op was done, and how often it was jumped to. */
  readonly #done = new Map<number, number>();
  readonly #jumps = new Map<number, number>();

  constructor(readonly program: Program) {}

  counts(): Omit<StatisticsPart, 'latencies'> {
    return {
      calls: [...this.#calls].map(
        ([name, { completed, faults, results }]): CallCount => ({
          ...{ name, completed, faults },
          results: [...results].map(([value, count]) => ({ value, count })),
        }),
      ),
      retries: [...this.#retries].map(([name, retries]): RetryCount => ({ function: name, retries })),
      locks: [...this.#locks.values()],
      functions: [...this.#functions].map(([name, visits]): FunctionCount => ({ function: name, visits })),
    };
  }

  addCalls(node: LiveNode): void {
    if (node.visits === 0) return;
    const { root, parent, depth } = this.program.automaton.info(node.id);
    if (depth > 0) this.#add(parent, 0, node.visits);
    this.#addCall(node, root.name);
  }

  addJumps({ zero: head, one: from, visits }: LiveNode): void {
    if (visits === 0 || head === undefined || from === undefined) return;
    const { depth, frame, root } = this.program.automaton.info(head.id);
    const name = frame?.name ?? withoutNumbers(root.name);
    this.#retries.set(name, (this.#retries.get(name) ?? 0) + visits);
    this.#jumps.set(head.id, (this.#jumps.get(head.id) ?? 0) + visits);
    // The round that jumped began behind the same results, but perhaps with other values than the next one.
    this.#add(from.id, depth, visits);
  }

  addOp(node: LiveNode): void {
    const done = this.#done.get(node.id) ?? 0;
    this.#addLock(node, done);
    const entries = done - (this.#jumps.get(node.id) ?? 0);
    if (entries <= 0) return;
    for (const name of this.#entered(this.program.automaton.info(node.id))) {
      this.#functions.set(name, (this.#functions.get(name) ?? 0) + entries);
    }
  }

  /** The ops from `last` back to the one at a depth were done so often. */
  #add(last: number, depth: number, times: number): void {
    for (let id = last; ; id = this.program.automaton.info(id).parent) {
      this.#done.set(id, (this.#done.get(id) ?? 0) + times);
      if (this.program.automaton.info(id).depth <= depth) return;
    }
  }

  #addCall(node: LiveNode, root: string): void {
    const name = withoutNumbers(root);
    const sum = this.#calls.get(name) ?? { completed: 0, faults: 0, results: new Map<number, number>() };
    this.#calls.set(name, sum);
    sum.completed += node.visits;
    sum.faults += node.detours;
    sum.results.set(node.a, (sum.results.get(node.a) ?? 0) + node.visits);
  }

  #addLock({ code, op, detours, waitedMs }: LiveNode, done: number): void {
    if (done === 0 && detours === 0 && waitedMs === 0) return;
    const { region, lock } = op?.spec ?? {};
    if (region === undefined || op === undefined || !mayTake(code, lock, op)) return;
    const { name } = region;
    const sum = this.#locks.get(name) ?? { name, acquisitions: 0, contended: 0, waitedMs: 0 };
    this.#locks.set(name, sum);
    // Who leaves a queue was counted when it entered.
    const { set, clear } = unpackLatch(op.spec.a ?? 0);
    if (set === 0 || clear === 0) sum.acquisitions += done;
    sum.contended += detours;
    sum.waitedMs += waitedMs;
  }

  /** The functions that an actor enters on the way from the parent of a node to the node. */
  #entered({ frame, depth, parent }: NodeInfo): string[] {
    const before = new Set<number>();
    const above = depth === 0 ? undefined : this.program.automaton.info(parent).frame;
    for (let at: Frame | undefined = above; at !== undefined; at = at.parent) before.add(at.id);
    const names: string[] = [];
    for (let at: Frame | undefined = frame; at !== undefined && !before.has(at.id); at = at.parent) names.push(at.name);
    return names;
  }
}

/** Whether an op takes a lock, waiting for it if need be. */
function mayTake(code: number, lock: LockUse | undefined, { spec }: Op<unknown>): boolean {
  const { Acquire, Enter, Queue, Latch } = LiveCode;
  if (code !== Latch) return code === Acquire || code === Enter || code === Queue;
  const { set, mode } = unpackLatch(spec.a ?? 0);
  // Who may give up waiting may not have got it.
  return (lock?.action === 'acquire' && set !== 0 && mode !== LatchMode.Try) || lock?.action === 'queue';
}
