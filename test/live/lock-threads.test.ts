/** The shared locks across threads: exclusion, progress and no lost wake-up under load. */
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { SharedRwLocks } from '../../src/live/shared-lock.js';
import { CrowdMemory, type CrowdOptions, type CrowdResult } from './lock-crowd.js';
import { startThread } from './lock-start.js';

type Load = Omit<CrowdOptions, 'buffer' | 'thread'>;

const workers: Worker[] = [];
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.terminate()));
});

async function resultOf(options: CrowdOptions): Promise<CrowdResult> {
  const worker = await startThread('lock-crowd.worker', options);
  workers.push(worker);
  const [result] = await once(worker, 'message');
  if (typeof result === 'string') expect.fail(result);
  return result;
}

interface CrowdRun {
  readonly memory: CrowdMemory;
  readonly results: readonly CrowdResult[];
}

async function runCrowd(load: Load): Promise<CrowdRun> {
  const memory = new CrowdMemory(load);
  memory.placeActors();
  // Nobody gets anything before all threads sleep: they start together, or the first may be done before the second comes.
  const locks = new SharedRwLocks(memory.words, memory.layout);
  for (let lock = 0; lock < load.locks; lock++) locks.acquire(lock, memory.gatekeeper, 'write');
  const threads = Array.from({ length: load.threads }, (_, thread) => thread);
  const results = Promise.all(threads.map((thread) => resultOf({ ...load, buffer: memory.buffer, thread })));
  while (threads.some((thread) => Atomics.load(memory.sleeps, thread) === 0)) await Promise.race([results, turn()]);
  for (let lock = 0; lock < load.locks; lock++) locks.release(lock, memory.gatekeeper, 'write');
  return { memory, results: await results };
}

function total(results: readonly CrowdResult[], count: Exclude<keyof CrowdResult, 'writes'>): number {
  return results.reduce((sum, result) => sum + result[count], 0);
}

function expectSound(load: Load, { memory, results }: CrowdRun): void {
  // Exclusion: no counter changed under a holder, and none lost an update.
  expect(total(results, 'intrusions')).toBe(0);
  const writes = Array.from(memory.counters, (_, lock) =>
    results.reduce((sum, result) => sum + result.writes[lock], 0),
  );
  expect([...memory.counters]).toEqual(writes);
  // Progress: everybody got everything.
  expect(total(results, 'acquired')).toBe(load.acquisitions * load.threads * load.actorsPerThread);
  const locks = new SharedRwLocks(memory.words, memory.layout);
  for (let lock = 0; lock < load.locks; lock++) {
    expect([...locks.holders(lock), ...locks.queue(lock)]).toEqual([]);
    expect(locks.tryAcquire(lock, 0, 'write')).toBe(true);
  }
}

const CROWD: Load = {
  ...{ threads: 2, actorsPerThread: 8, locks: 3, acquisitions: 62_500 },
  ...{ readers: 500, fickle: 50, blocks: false },
};

describe('SharedRwLocks across threads', () => {
  it('a million acquisitions by 2 threads with 8 actors each: nothing lost, nobody left behind', async () => {
    const run = await runCrowd(CROWD);
    expectSound(CROWD, run);
    // That the crowd was one: everything that can happen to a wish did happen.
    for (const happened of ['waited', 'cancelled', 'tooLate', 'triesFailed', 'slept'] as const) {
      expect(total(run.results, happened), happened).toBeGreaterThan(0);
    }
  });

  it('threads that block: each with one actor, all after one lock', async () => {
    const load = { ...CROWD, threads: 3, actorsPerThread: 1, locks: 1, acquisitions: 10_000, blocks: true };
    const run = await runCrowd(load);
    expectSound(load, run);
    expect(total(run.results, 'slept')).toBeGreaterThan(0);
  });

  it('more threads than cores, writers only', async () => {
    const load = { ...CROWD, threads: 4, actorsPerThread: 3, locks: 2, acquisitions: 4_000, readers: 0, fickle: 0 };
    expectSound(load, await runCrowd(load));
  });
});
