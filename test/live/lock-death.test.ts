/** A thread dies with locks in its hands: the others get away, what the dead held is named, and all starts anew. */
import { on, once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { Random } from '../../src/core/random.js';
import { Command, LockField, LockState } from '../../src/live/lock-layout.js';
import { SharedRwLocks } from '../../src/live/shared-lock.js';
import { CrowdMemory, type CrowdOptions } from './lock-crowd.js';
import type { DeathOptions } from './lock-death.worker.js';
import { startThread } from './lock-start.js';
import { usersText } from './lock-worlds.js';

const workers: Worker[] = [];
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.terminate()));
});

async function start(module: string, options: unknown): Promise<Worker> {
  const worker = await startThread(module, options);
  workers.push(worker);
  return worker;
}

/** Memory and the supervisor's view of it; actor n lives on thread n % threads. */
function newWorld(locks: number): { memory: CrowdMemory; locks: SharedRwLocks; interrupt: () => void } {
  const memory = new CrowdMemory({ threads: 2, actorsPerThread: 2, locks });
  memory.placeActors();
  const shared = new SharedRwLocks(memory.words, memory.layout);
  const interrupt = () => {
    Atomics.store(memory.words, memory.layout.command, Command.Broken);
    for (const doorbell of shared.doorbells) doorbell.ring();
  };
  return { memory, locks: shared, interrupt };
}

async function startDeath(
  memory: CrowdMemory,
  options: Omit<DeathOptions, 'words' | 'layout'>,
): Promise<AsyncIterator<unknown[]>> {
  const { words, layout } = memory;
  return on(await start('lock-death.worker', { words, layout, ...options }), 'message');
}

async function next(messages: AsyncIterator<unknown[]>): Promise<unknown> {
  return (await messages.next()).value[0];
}

describe('the death of a thread', () => {
  it.each(['asleep', 'blocked'] as const)(
    'others that wait %s are interrupted, and the holder is named',
    async (waits) => {
      const { memory, locks, interrupt } = newWorld(3);
      const holder = await startDeath(memory, {
        ...{ thread: 0, waits: 'never' },
        wishes: [
          { lock: 1, actor: 0, mode: 'write' },
          { lock: 2, actor: 0, mode: 'read' },
        ],
      });
      expect([await next(holder), await next(holder)]).toEqual(['starts', [true, true]]);
      const waiter = await startDeath(memory, {
        ...{ thread: 1, waits },
        wishes: [
          { lock: 1, actor: 3, mode: 'write' },
          { lock: 1, actor: 1, mode: 'read' },
        ],
      });
      expect([await next(waiter), await next(waiter)]).toEqual(['starts', [false, false]]);
      await workers[0].terminate();

      interrupt();
      expect(await next(waiter)).toEqual([false, false]);
      expect(usersText(locks.holders(1))).toBe('0w');
      expect(usersText(locks.queue(1))).toBe('3w 1r');
      expect(locks.actors.heldBy(0)).toEqual([
        { lock: 1, mode: 'write' },
        { lock: 2, mode: 'read' },
      ]);

      locks.reset();
      Atomics.store(memory.words, memory.layout.command, Command.Run);
      for (const lock of [0, 1, 2]) expect(locks.tryAcquire(lock, 1, 'write')).toBe(true);
    },
  );

  it('whoever needs a queue that the dead was changing gives up', async () => {
    const { memory, locks, interrupt } = newWorld(1);
    locks.acquire(0, 0, 'write');
    // As a thread leaves it that dies in the middle.
    memory.words[memory.layout.lockBase + LockField.Guard] = 2 + 1;
    const waiter = await startDeath(memory, {
      thread: 1,
      waits: 'asleep',
      wishes: [{ lock: 0, actor: 1, mode: 'write' }],
    });
    expect(await next(waiter)).toBe('starts');
    interrupt();
    expect(await next(waiter)).toMatch(/^LockAbandoned: a thread died, .* on behalf of actor 2$/);
  });

  it('at random moments, three of four threads at a time: the slots say exactly what the dead held', async () => {
    const random = new Random(11n);
    let held = 0;
    for (let round = 0; round < 10; round++) held += await killInCrowd(random);
    // That it was worth it: some did die with locks.
    expect(held).toBeGreaterThan(0);
  });
});

/** Kills all threads of a crowd but one; how many locks the dead held. */
async function killInCrowd(random: Random): Promise<number> {
  const load = {
    threads: 4,
    actorsPerThread: 3,
    locks: 4,
    readers: 500,
    fickle: 100,
    acquisitions: 1e9,
    blocks: false,
  };
  const memory = new CrowdMemory(load);
  memory.placeActors();
  const locks = new SharedRwLocks(memory.words, memory.layout);
  const [survivor, ...dying] = await Promise.all(
    Array.from({ length: load.threads }, (_, thread) =>
      start('lock-crowd.worker', { ...load, buffer: memory.buffer, thread } satisfies CrowdOptions),
    ),
  );
  const ended = once(survivor, 'message');
  while (memory.turns.some((_, thread) => Atomics.load(memory.turns, thread) === 0)) await turn();
  const soon = Atomics.load(memory.turns, 0) + random.below(2000);
  // The dead may hold what all the others wait for: then nobody takes turns any more.
  for (let looks = 0; looks < 1000 && Atomics.load(memory.turns, 0) < soon; looks++) await turn();
  await Promise.all(dying.map((worker) => worker.terminate()));
  Atomics.store(memory.words, memory.layout.command, Command.Broken);
  for (const doorbell of locks.doorbells) doorbell.ring();
  const [result] = await ended;
  if (typeof result === 'string') expect(result).toMatch(/^LockAbandoned: a thread died/);
  else expect(result.intrusions).toBe(0);
  return expectAccounted(memory, locks);
}

function expectAccounted(memory: CrowdMemory, locks: SharedRwLocks): number {
  const { words, layout } = memory;
  let heldByDead = 0;
  for (let lock = 0; lock < layout.locks; lock++) {
    const at = layout.lockBase + lock * layout.lockStride;
    const holders = locks.holders(lock);
    heldByDead += holders.filter(({ actor }) => memory.threadOf(actor) !== 0).length;
    // A lock that was being handed over when its thread died is in nobody's hands yet.
    if (words[at + LockField.Guard] !== 0) continue;
    const state = words[at + LockField.State] & ~LockState.Queued;
    const writers = holders.filter(({ mode }) => mode === 'write').length;
    expect(state, usersText(holders)).toBe(writers * LockState.Writer + holders.length - writers);
  }
  return heldByDead;
}
