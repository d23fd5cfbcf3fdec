/**
 * A thread of the death tests: takes what it is told to take, says what it has, and then waits for what it has not got
 * (`waits`), or stays where it is until it is terminated.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { LockLayout } from '../../src/live/lock-layout.js';
import type { LockMode } from '../../src/live/rw-lock.js';
import { SharedRwLocks } from '../../src/live/shared-lock.js';

/** What the thread is given. */
export interface DeathOptions {
  readonly words: Int32Array;
  readonly layout: LockLayout;
  readonly wishes: readonly { readonly lock: number; readonly actor: number; readonly mode: LockMode }[];
  /** How it waits for what is not granted at once. */
  readonly waits: 'never' | 'asleep' | 'blocked';
  readonly thread: number;
}

async function run({ words, layout, wishes, waits, thread }: DeathOptions): Promise<void> {
  const locks = new SharedRwLocks(words, layout);
  parentPort!.postMessage('starts');
  const taken = wishes.map(({ lock, actor, mode }) => locks.acquire(lock, actor, mode));
  parentPort!.postMessage(taken);
  if (waits === 'never') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  const waiting = wishes.filter((_, i) => !taken[i]).map(({ actor }) => actor);
  if (waits === 'asleep') await Promise.all(waiting.map((actor) => locks.wait(actor)));
  else locks.doorbells[thread].block(() => waiting.every((actor) => locks.actors.mayGoOn(actor)));
  parentPort!.postMessage(waiting.map((actor) => locks.granted(actor)));
}

run(workerData as DeathOptions).catch((error) => parentPort!.postMessage(String(error)));
