/** The live executor beside the controlled one: the same schedule on both, one step at a time, in one thread. */
import { createHistogram } from 'node:perf_hooks';
import type { Program } from '../../src/core/program/program.js';
import { vouchFor } from '../../src/core/program/stripes.js';
import { Random } from '../../src/core/random.js';
import { Executor } from '../../src/core/run/executor.js';
import { functionAt, opLabel } from '../../src/core/story/signature.js';
import { LiveExecutor } from '../../src/live/live-executor.js';
import { Outcome } from '../../src/live/live-settings.js';
import { stateAtRest } from '../../src/live/live-state.js';
import { SharedRwLocks } from '../../src/live/shared-lock.js';
import { SharedMemory } from '../../src/live/shared-memory.js';
import { compileModel, defineModel, type Model } from '../../src/model/model.js';

/** A live executor of its own, for driving it by hand; `choose` answers choices. */
export function liveExecutorOf(program: Program, choose: (count: number) => number = () => 0) {
  const memory = new SharedMemory(program, 1);
  const locks = new SharedRwLocks(memory.words, memory.locks);
  memory.resetWorld(1);
  const executor = new LiveExecutor(
    memory,
    locks,
    program.actors.map((_, actor) => actor),
    { mode: 'once', seed: 1n, choose: (_, count) => choose(count), latencyOf: () => createHistogram() },
  );
  return { memory, locks, executor };
}

/**
 * The same model with a word for all of its steps that they are steps, so that locks have queues. True in one thread, where
 * nobody comes in between.
 */
export function vouched(model: Model): Model {
  const { definition } = model;
  const build: typeof definition.build = (m, parameters, loaded) => {
    definition.build(m, parameters, loaded);
    vouchFor(m, { exclusionOf: (_, section) => (section === undefined ? 'none' : 'own') });
  };
  return defineModel({ ...definition, build }).with(model.parameters);
}

/** Steps of a schedule with retry loops that are compared. */
const LIMIT = 400;

/** How a schedule went. */
export interface SideBySide {
  /** Steps taken on both. */
  readonly steps: number;
  readonly violation: string | undefined;
}

/** A model made ready to run on both engines; each call runs a random schedule and throws where they differ. */
export async function sideBySide(model: Model): Promise<(seed: number) => SideBySide> {
  const controlled = new Executor(await compileModel(model));
  let answer = 0;
  const { executor, memory, locks } = liveExecutorOf(await compileModel(model), () => answer);
  return (seed) => {
    controlled.reset();
    memory.resetWorld(1);
    locks.reset();
    executor.reset();
    return runBoth(controlled, executor, memory, new Random(BigInt(seed), 7), (choice) => {
      answer = choice;
    });
  };
}

function runBoth(
  controlled: Executor,
  executor: LiveExecutor,
  memory: SharedMemory,
  random: Random,
  answer: (choice: number) => void,
): SideBySide {
  const { program } = controlled;
  let steps = 0;
  /** Actors whose turn it is in the controlled engine and, locks with queues being first come first served, not in ours. */
  const passedOver = new Set<number>();
  while (steps < LIMIT) {
    const runnable = [...controlled.runnable.subarray(0, controlled.runnableCount)].filter((a) => !passedOver.has(a));
    if (runnable.length === 0) break;
    const actor = runnable[random.below(runnable.length)];
    const count = controlled.choicesOf(actor);
    const choice = count === 0 ? 0 : random.below(count);
    answer(choice);
    const node = controlled.nodeOf(actor);
    const where = `after step ${steps} (${program.actors[actor].name}: ${opLabel(program.automaton, node)})`;
    if (!memory.latchWords && wouldSteal(controlled, actor)) {
      passedOver.add(actor);
      continue;
    }
    const outcome = executor.run(actor, 1);
    if (outcome === Outcome.Blocked && isQueued(program, node)) {
      passedOver.add(actor);
      continue;
    }
    passedOver.clear();
    controlled.step(actor, choice);
    steps++;
    const { violation } = controlled;
    if (violation !== undefined || outcome === Outcome.Refused) {
      agree(`the violation ${where}`, executor.refusal.violation, violation);
      return { steps, violation: violation?.kind };
    }
    agree(`the words ${where}`, wordsOf(memory, executor), [...controlled.state.subarray(0, program.layout.words)]);
    agree(`where actors are ${where}`, placesOf(executor), placesOfControlled(controlled));
  }
  return { steps, violation: undefined };
}

/** Whether the op takes a free lock past writers that wait for it: the controlled engine allows that, ours does not. */
function wouldSteal(executor: Executor, actor: number): boolean {
  const { region, lock } = executor.automaton.opOf(executor.nodeOf(actor)).spec;
  return region?.width === 3 && lock?.action === 'queue' && executor.state[region.base + 2] !== 0;
}

/** Whether a node is the second step of a down_write(): there the order among waiters is free in the controlled engine. */
function isQueued({ automaton }: Program, node: number): boolean {
  const { depth, parent } = automaton.info(node);
  return depth > 0 && automaton.opOf(parent).spec.lock?.action === 'queue';
}

function wordsOf(memory: SharedMemory, { actors }: LiveExecutor): number[] {
  return [
    ...stateAtRest(
      memory,
      actors.map(({ number, remembered }) => ({ actor: number, remembered })),
    ),
  ];
}

function placesOf({ actors, program }: LiveExecutor): string[] {
  return actors.map(({ at, script }) => `${script.completed} ${placeText(program, at.id)} ${[...script.results]}`);
}

function placesOfControlled(executor: Executor): string[] {
  return Array.from({ length: executor.actors }, (_, actor) => {
    const results = executor.scriptOf(actor).calls.map((__, call) => executor.resultOf(actor, call));
    return `${executor.callsOf(actor)} ${placeText(executor.program, Math.max(0, executor.nodeOf(actor)))} ${results}`;
  });
}

function placeText({ automaton }: Program, node: number): string {
  return node <= 0 ? 'done' : `${functionAt(automaton, node)}: ${opLabel(automaton, node)}`;
}

function agree(what: string, live: unknown, controlled: unknown): void {
  const [left, right] = [JSON.stringify(live), JSON.stringify(controlled)];
  if (left !== right) throw new Error(`${what} differ:\nlive       ${left}\ncontrolled ${right}`);
}
