/**
 * Worlds that one thread runs alone, as a live thread does while others wait, but in this very thread: cheap, and without
 * a clock. What the threads and the session add is tested elsewhere.
 */
import { createHistogram } from 'node:perf_hooks';
import type { Program } from '../../src/core/program/program.js';
import { Random } from '../../src/core/random.js';
import {
  finalSignature,
  initialSignature,
  signatureOfWaits,
  signatureText,
  stepSignature,
} from '../../src/core/story/signature.js';
import { Audit } from '../../src/live/audit.js';
import { deadlockAtRest } from '../../src/live/deadlock-at-rest.js';
import { LiveExecutor } from '../../src/live/live-executor.js';
import { LiveHost } from '../../src/live/live-host.js';
import { stateAtRest } from '../../src/live/live-state.js';
import { stateOf } from '../../src/live/live-story.js';
import { SharedRwLocks } from '../../src/live/shared-lock.js';
import { LiveControl, SharedMemory } from '../../src/live/shared-memory.js';
import { Turns, WorldStep } from '../../src/live/turns.js';

/** What worlds came to. */
export interface WorldsAlone {
  /** Words that routines can read and what calls returned, of each world that came to its end whole. */
  readonly finals: ReadonlySet<string>;
  /** Signatures of what broke. */
  readonly broken: ReadonlyMap<string, number>;
  /** Worlds that did not come to their end in `LIMIT` turns. */
  readonly endless: number;
}

/** Turns of a world that would go on for ever. */
const LIMIT = 3_000;

/** Runs so many worlds; ends early with the first that breaks if `untilBroken`. */
export function worldsAlone(program: Program, worlds: number, seed = 1n, untilBroken = false): WorldsAlone {
  const memory = new SharedMemory(program, 1);
  const locks = new SharedRwLocks(memory.words, memory.locks);
  const random = new Random(seed, 1);
  const settings = {
    ...{ mode: 'once' as const, seed },
    choose: (_: unknown, count: number) => random.below(count),
    latencyOf: () => createHistogram(),
  };
  const audit = new Audit(program);
  const finals = new Set<string>();
  const broken = new Map<string, number>();
  const breaks = (signature: string): void => void broken.set(signature, (broken.get(signature) ?? 0) + 1);
  const initially = audit.initial();
  if (initially !== undefined) {
    breaks(signatureText(initialSignature(program, initially)));
    return { finals, broken, endless: 0 };
  }
  memory.resetWorld(1);
  const all = program.actors.map((_, actor) => actor);
  const host = new LiveHost(memory, locks, new LiveExecutor(memory, locks, all, settings));
  const turns = new Turns(host, random);
  let endless = 0;
  for (let world = 1; world <= worlds && !(untilBroken && broken.size > 0); world++) {
    memory.resetWorld(world);
    locks.reset();
    turns.begin(world);
    let step: number = WorldStep.GoesOn;
    for (let turn = 0; turn < LIMIT && step === WorldStep.GoesOn; turn++) step = turns.take();
    if (step === WorldStep.GoesOn) endless++;
    else if (step === WorldStep.Refused) breaks(refusal(host));
    else if (step === WorldStep.Ended) ends(world);
    else throw new Error(`a world ended with ${step}`);
  }
  return { finals, broken, endless };

  function ends(_world: number): void {
    const states = host.actors.map((actor) => stateOf(host.executor, actor));
    if (Atomics.load(memory.words, LiveControl.Due) > 0) {
      const stuck = deadlockAtRest(memory, states)?.stuck ?? [];
      const places = stuck.flatMap(({ at }) => (at === undefined ? [] : [{ function: at.function, op: at.opClass }]));
      breaks(signatureText(signatureOfWaits(places)));
      return;
    }
    const words = stateAtRest(memory, states);
    finals.add(
      finalStateText(
        program,
        words,
        states.map(({ results }) => [...(results ?? [])]),
      ),
    );
    const wrong = audit.finished(memory.model);
    const checks = [...program.finally, ...program.always];
    if (wrong !== undefined) breaks(signatureText(finalSignature(program, wrong, checks)));
  }

  function refusal({ executor }: LiveHost): string {
    return signatureText(stepSignature(program.automaton, executor.refusal.node, executor.refusal.violation!.kind));
  }
}

/** Words but those of ghosts, and what calls returned; as the brute force of the other engines writes it. */
export function finalStateText(
  { layout }: Program,
  state: Int32Array,
  results: readonly (readonly number[])[],
): string {
  const words = layout.regions
    .filter(({ kind }) => kind !== 'ghost')
    .flatMap(({ base, count, width }) => [...state.subarray(base, base + count * width)]);
  return [...words, ...results.flat()].join();
}
