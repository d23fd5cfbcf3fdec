/**
 * The whole space of a small program by brute force over the executor, with no packing, no merging and no reduction: what
 * verify is held against. Graph questions are answered from the full reachability relation, as their definitions read.
 */

import type { Program } from '../../src/core/program/program.js';
import { Executor } from '../../src/core/run/executor.js';
import { StepFlag } from '../../src/core/run/step-flag.js';
import { StuckActors } from '../../src/core/run/stuck.js';
import {
  deadlockSignature,
  finalSignature,
  initialSignature,
  signatureText,
  stepSignature,
} from '../../src/core/story/signature.js';

export interface Space {
  readonly states: number;
  readonly transitions: number;
  /** Steps of the longest of the shortest paths to a state. */
  readonly depth: number;
  /** Sorted. */
  readonly signatures: readonly string[];
  /** Cells and results of completed runs, sorted. */
  readonly finalStates: readonly string[];
  /** Steps of the shortest run to each signature. */
  readonly shortest: ReadonlyMap<string, number>;
  readonly graph: Graph;
}

/** A state's steps: where they lead, by whom; a step that breaks something leads nowhere (-1). */
export interface Graph {
  readonly edges: readonly (readonly { readonly actor: number; readonly to: number }[])[];
  /** Actors that must finish and have not, by state. */
  readonly unfinished: readonly (readonly number[])[];
}

/** Searches every state; undefined when there are more than `most`. */
export function spaceOf(program: Program, most: number): Space | undefined {
  const executor = new Executor(program);
  const numbers = new Map<string, number>();
  const states: Int32Array[] = [];
  const depths: number[] = [];
  const signatures = new Map<string, number>();
  const finalStates = new Set<string>();
  const edges: { actor: number; to: number }[][] = [];
  const unfinished: number[][] = [];
  let transitions = 0;
  const add = (depth: number): number => {
    const key = executor.state.join();
    let number = numbers.get(key);
    if (number === undefined) {
      number = states.push(executor.state.slice()) - 1;
      numbers.set(key, number);
      depths.push(depth);
    }
    return number;
  };
  const found = (signature: string, steps: number): void => {
    if (!signatures.has(signature)) signatures.set(signature, steps);
  };
  executor.reset();
  add(0);
  const initially = executor.checkInitially();
  if (initially !== undefined) found(signatureText(initialSignature(program, initially)), 0);
  for (let number = 0; number < states.length; number++) {
    if (states.length > most) return undefined;
    executor.load(states[number]);
    const own: { actor: number; to: number }[] = [];
    edges.push(own);
    const due = program.actors.flatMap(({ daemon }, actor) => (daemon || executor.nodeOf(actor) === 0 ? [] : [actor]));
    // Where somebody is stuck for good, a run has come to its end whoever goes on (test/core/run/stuck.test.ts).
    const isStuck = new StuckActors(executor).deadlocked;
    if (isStuck) found(signatureText(deadlockSignature(executor)), depths[number]);
    unfinished.push(isStuck ? [] : due);
    const runnable = Array.from(executor.runnable.subarray(0, executor.runnableCount));
    // A run ends with what it breaks, and one that begins broken has no step.
    if (initially !== undefined) break;
    if (runnable.length === 0) {
      const broken = ending(executor, program, finalStates);
      if (broken !== undefined) found(broken, depths[number]);
    }
    for (const actor of runnable) {
      executor.load(states[number]);
      const outcomes = executor.choicesOf(actor) || 1;
      for (let choice = 0; choice < outcomes; choice++) {
        executor.load(states[number]);
        transitions++;
        const broken = step(executor, actor, choice);
        if (broken !== undefined) found(broken, depths[number] + 1);
        own.push({ actor, to: broken === undefined ? add(depths[number] + 1) : -1 });
      }
    }
  }
  return {
    states: states.length,
    transitions,
    depth: Math.max(...depths),
    signatures: [...signatures.keys()].sort(),
    finalStates: [...finalStates].sort(),
    shortest: signatures,
    graph: { edges, unfinished },
  };
}

/** Takes a step; the signature of what it breaks. */
function step(executor: Executor, actor: number, choice: number): string | undefined {
  const flags = executor.step(actor, choice);
  const { violation, brokenBy } = executor;
  if ((flags & StepFlag.Violation) === 0 || violation === undefined) return undefined;
  return signatureText(stepSignature(executor.automaton, brokenBy, violation.kind));
}

function ending(executor: Executor, program: Program, finalStates: Set<string>): string | undefined {
  if (!executor.complete) return signatureText(deadlockSignature(executor));
  finalStates.add(finalStateOf(executor, program));
  const violation = executor.checkFinally();
  return violation && signatureText(finalSignature(program, violation));
}

function finalStateOf(executor: Executor, { layout }: Program): string {
  const words = layout.regions
    .filter(({ kind }) => kind !== 'ghost')
    .flatMap(({ base, count, width }) => [...executor.state.subarray(base, base + count * width)]);
  return [...words, ...executor.state.subarray(executor.results)].join();
}

/** Number of maximal runs that break nothing on the way; undefined when there is a cycle. */
export function pathsOf({ edges }: Graph): bigint | undefined {
  const known = new Map<number, bigint | 'open'>();
  const count = (state: number): bigint | undefined => {
    const before = known.get(state);
    if (before === 'open') return undefined;
    if (before !== undefined) return before;
    known.set(state, 'open');
    let total = edges[state].length === 0 ? 1n : 0n;
    for (const { to } of edges[state]) {
      const paths = to < 0 ? 1n : count(to);
      if (paths === undefined) return undefined;
      total += paths;
    }
    known.set(state, total);
    return total;
  };
  return count(0);
}

/** Which kinds of rounds there are. */
export function roundsOf({ edges, unfinished }: Graph, actors: number): { livelock: boolean; starvation: boolean } {
  const reach = edges.map((_, state) => reachableFrom(edges, state));
  const isEnd = (state: number): boolean =>
    unfinished[state].length === 0 || edges[state].length === 0 || edges[state].some(({ to }) => to < 0);
  const canEnd = edges.map((_, state) => isEnd(state) || [...reach[state]].some(isEnd));
  let starvation = false;
  for (let state = 0; state < edges.length; state++) {
    if (!reach[state].has(state) || unfinished[state].length === 0 || !canEnd[state]) continue;
    const component = [...reach[state]].filter((other) => reach[other].has(state));
    const inside = new Set(component);
    const fair = Array.from({ length: actors }, (_, actor) => actor).every(
      (actor) =>
        component.some((each) => edges[each].some((edge) => edge.actor === actor && inside.has(edge.to))) ||
        component.some((each) => edges[each].every((edge) => edge.actor !== actor)),
    );
    if (fair) starvation = true;
  }
  return { livelock: canEnd.some((can) => !can), starvation };
}

/** States that one or more steps lead to. */
function reachableFrom(edges: Graph['edges'], from: number): Set<number> {
  const reached = new Set<number>();
  const queue = [from];
  for (const state of queue) {
    for (const { to } of edges[state]) {
      if (to < 0 || reached.has(to)) continue;
      reached.add(to);
      queue.push(to);
    }
  }
  return reached;
}
