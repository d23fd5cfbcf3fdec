/**
 * The whole space of a small program by brute force over the executor, with no packing, no merging and no reduction: what
 * verify is held against. Graph questions are answered from the full reachability relation, as their definitions read.
 */

import { InputError, ModelError } from '../../src/core/errors.js';
import type { Program } from '../../src/core/program/program.js';
import { Executor } from '../../src/core/run/executor.js';
import { BLOCK_HEAD } from '../../src/core/run/readiness.js';
import { StepFlag } from '../../src/core/run/step-flag.js';
import { StuckActors } from '../../src/core/run/stuck.js';
import {
  deadlockSignature,
  finalSignature,
  initialSignature,
  signatureText,
  stepSignature,
} from '../../src/core/story/signature.js';
import { compileModel, type Model } from '../../src/model/model.js';

/** What brute force says of a model: its space, unless that is too large, and how many actors it has. */
export interface ModelSpace {
  readonly space: Space | undefined;
  readonly actors: number;
}

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

/** A step: where it leads, and by whom; one that breaks something leads nowhere (-1). */
interface Edge {
  readonly actor: number;
  readonly to: number;
  /** Node of the actor after a step back to the head of a loop; else -1. */
  readonly head: number;
}

/** The steps of each state. */
export interface Graph {
  readonly edges: readonly (readonly Edge[])[];
  /** Actors that must finish and have not, by state. */
  readonly unfinished: readonly (readonly number[])[];
}

/** The space of a model; undefined for one that a run does not survive, which the engines refuse or never come to. */
export async function spaceOfModel(model: Model, most: number): Promise<ModelSpace | undefined> {
  try {
    const program = await compileModel(model);
    return { space: spaceOf(program, most), actors: program.actors.length };
  } catch (error) {
    if (!(error instanceof ModelError || error instanceof InputError || error instanceof RangeError)) throw error;
    return undefined;
  }
}

/** Searches every state; undefined when there are more than `most`. */
export function spaceOf(program: Program, most: number): Space | undefined {
  const executor = new Executor(program);
  const numbers = new Map<string, number>();
  const states: Int32Array[] = [];
  const depths: number[] = [];
  const signatures = new Map<string, number>();
  const finalStates = new Set<string>();
  const edges: Edge[][] = [];
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
    const own: Edge[] = [];
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
        const { broken, again } = step(executor, actor, choice);
        if (broken !== undefined) found(broken, depths[number] + 1);
        const head = again ? executor.nodeOf(actor) : -1;
        own.push({ actor, head, to: broken === undefined ? add(depths[number] + 1) : -1 });
      }
    }
  }
  const nodeOf = (state: number, actor: number): number => states[state][executor.registerWord(actor, 0) - BLOCK_HEAD];
  for (const number of endsBesideDaemons({ edges, unfinished }, nodeOf)) {
    executor.load(states[number]);
    const broken = ending(executor, program, finalStates);
    if (broken !== undefined) found(broken, depths[number]);
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

/**
 * Where all that must finish have finished, and whatever may come leads back: of such states that lead to each other
 * those in which each daemon that can go on is at the head of its loop, or all if there are none of these.
 */
function endsBesideDaemons(
  { edges, unfinished }: Graph,
  nodeOf: (state: number, actor: number) => number,
): readonly number[] {
  const over = edges.flatMap((_, state) => (unfinished[state].length === 0 ? [state] : []));
  const reach = new Map(over.map((state) => [state, reachableFrom(edges, state)]));
  const ends = new Set<number>();
  for (const state of over) {
    const round = reach.get(state) as Set<number>;
    if (!round.has(state) || [...round].some((other) => !reach.get(other)?.has(state))) continue;
    const all = [...round];
    const steps = (of: number): readonly Edge[] => edges[of].filter(({ to }) => to >= 0);
    const heads = new Set(all.flatMap((of) => steps(of).map(({ actor, head }) => `${actor} ${head}`)));
    const between = all.filter((of) => steps(of).every(({ actor }) => heads.has(`${actor} ${nodeOf(of, actor)}`)));
    for (const end of between.length > 0 ? between : all) ends.add(end);
  }
  return [...ends].sort((left, right) => left - right);
}

/** Takes a step; the signature of what it breaks, and whether it goes back to the head of a loop. */
function step(executor: Executor, actor: number, choice: number): { broken: string | undefined; again: boolean } {
  const flags = executor.step(actor, choice);
  const { violation, brokenBy } = executor;
  const again = (flags & StepFlag.Again) !== 0;
  if ((flags & StepFlag.Violation) === 0 || violation === undefined) return { broken: undefined, again };
  return { broken: signatureText(stepSignature(executor.automaton, brokenBy, violation.kind)), again };
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
