/** A lookup whose reference comes after the page has left the page cache in a batch: forced between the two, in one thread. */
import { createHistogram } from 'node:perf_hooks';
import { afterEach, expect, it, vi } from 'vitest';
import type { Program } from '../../src/core/program/program.js';
import { gmem } from '../../src/gmem/model.js';
import { loadScenario } from '../../src/gmem/scenarios/load-scenario.js';
import type { CallSpec } from '../../src/gmem/scenarios/scenario.js';
import { LiveExecutor } from '../../src/live/live-executor.js';
import { stateAtRest } from '../../src/live/live-state.js';
import { SharedRwLocks } from '../../src/live/shared-lock.js';
import { SharedMemory } from '../../src/live/shared-memory.js';
import { compileModel } from '../../src/model/model.js';
import { allFinalStates, finalText } from './final-states.js';

afterEach(() => {
  vi.restoreAllMocks();
});

/** A vCPU writes to the second of two pages that the host allocates and then punches out, both in one call. */
function model() {
  const world = loadScenario('fault-vs-punch');
  const [vcpu, host] = world.actors;
  const both = (call: 'allocate' | 'punch-hole'): { spec: CallSpec } => ({ spec: { call, gfn: 0, count: 2 } });
  const actors = [
    { ...vcpu, calls: [{ spec: { ...vcpu.calls[0].spec, gfn: 1 } as CallSpec }] },
    { ...host, calls: [both('allocate'), both('punch-hole')] },
  ];
  const attributes = [...world.attributes, ...world.attributes];
  return gmem({ ...world, gfns: 2, frames: 2, attributes, actors }, 'v2-hook-every-fault');
}

/** Lets the pages leave just after the vCPU's lookup has read where the second one is: what came of it. */
function lookUpAsTheyLeave(program: Program) {
  const memory = new SharedMemory(program, 1);
  const locks = new SharedRwLocks(memory.words, memory.locks);
  memory.resetWorld(1);
  const settings = { mode: 'once', seed: 1n, choose: () => 0, latencyOf: () => createHistogram() } as const;
  const executors = [0, 1].map((actor) => new LiveExecutor(memory, locks, [actor], settings));
  const [vcpu, host] = executors;
  const until = (executor: LiveExecutor, section: string) => {
    while (program.automaton.info(executor.actors[0].at.id).atomic !== section) executor.run(0, 1);
  };
  while (host.actors[0].script.completed === 0) host.run(0, 1);
  // Past the look at the invalidation, which has not begun.
  until(vcpu, 'filemap_get_entry()');
  until(host, 'delete_from_page_cache_batch()');

  const second = program.layout.regions.find(({ name }) => name === 'i_pages')!.base + 1;
  const load = Atomics.load.bind(Atomics) as (array: Int32Array, word: number) => number;
  const spy = vi.spyOn(Atomics, 'load').mockImplementation(((array: Int32Array, word: number) => {
    const value = load(array, word);
    if (array === memory.model && word === second) {
      spy.mockRestore();
      // Both are free before the second pass looks for what is left.
      until(host, 'filemap_get_entry()');
    }
    return value;
  }) as typeof Atomics.load);
  for (let round = 0; round < 3; round++) for (const executor of executors) executor.run(0, 400);

  const remembered = executors.flatMap(({ actors }) => actors.map((each) => ({ ...each, actor: each.number })));
  const results = executors.map(({ actors }) => [...actors[0].script.results]);
  return {
    kind: vcpu.refusal.violation?.kind,
    completed: executors.map(({ actors }) => actors[0].script.completed),
    final: finalText(program, stateAtRest(memory, remembered), results),
  };
}

it('begins anew, and the run ends as some schedule does, of which none breaks anything', async () => {
  const { kind, completed, final } = lookUpAsTheyLeave(await compileModel(model()));
  expect([kind, ...completed]).toEqual([undefined, 1, 2]);
  const broken = new Set<string>();
  expect([...allFinalStates(await compileModel(model()), undefined, broken)]).toContain(final);
  expect([...broken]).toEqual([]);
});

it('uses a page that is free, where the batch keeps out only who looks at its first page', async () => {
  const program = await compileModel(model());
  const { automaton } = program;
  const info = automaton.info.bind(automaton);
  vi.spyOn(automaton, 'info').mockImplementation((node) => ({ ...info(node), striped: info(node).striped && [] }));
  expect(lookUpAsTheyLeave(program).kind).toBe('use-after-free');
});
