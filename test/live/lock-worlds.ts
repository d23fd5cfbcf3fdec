/** The two implementations of RwLocks, each on memory of its own, for the tests they share. */
import { LocalRwLocks } from '../../src/live/local-lock.js';
import { Command, type LockLayout, lockLayout } from '../../src/live/lock-layout.js';
import type { LockMode, LockUser, RwLocks } from '../../src/live/rw-lock.js';
import { SharedRwLocks } from '../../src/live/shared-lock.js';

/** Locks on one thread, and what a test needs to look behind them. */
export interface LockWorld {
  readonly locks: RwLocks;
  readonly words: Int32Array;
  readonly layout: LockLayout;
  /** As a supervisor does: writes the command word and rings. */
  interrupt(command?: (typeof Command)[keyof typeof Command]): void;
}

function sharedMemory(locks: number, actors: number): { words: Int32Array; layout: LockLayout } {
  const { end, ...layout } = lockLayout({ locks, actors, threads: 1 });
  return { words: new Int32Array(new SharedArrayBuffer(4 * end)), layout };
}

/** Builds locks for actors that all live on this thread. */
export type MakeWorld = (locks: number, actors: number) => LockWorld;

const makeShared: MakeWorld = (count, actors) => {
  const { words, layout } = sharedMemory(count, actors);
  const locks = new SharedRwLocks(words, layout);
  const interrupt = (command: number = Command.Stop) => {
    Atomics.store(words, layout.command, command);
    for (const doorbell of locks.doorbells) doorbell.ring();
  };
  return { locks, words, layout, interrupt };
};

const makeLocal: MakeWorld = (count, actors) => {
  const { words, layout } = sharedMemory(count, actors);
  const locks = new LocalRwLocks(words, layout);
  const interrupt = (command: number = Command.Stop) => {
    Atomics.store(words, layout.command, command);
    locks.doorbell.ring();
  };
  return { locks, words, layout, interrupt };
};

export const lockWorlds: readonly { readonly name: string; readonly make: MakeWorld }[] = [
  { name: 'SharedRwLocks', make: makeShared },
  { name: 'LocalRwLocks', make: makeLocal },
];

/** `3r 4w`: actors and their modes, as short as a test wants to read them. */
export function usersText(users: readonly LockUser[]): string {
  return users.map(({ actor, mode }) => `${actor}${mode[0]}`).join(' ');
}

/** An async task's way to take a lock. */
export async function take(locks: RwLocks, lock: number, actor: number, mode: LockMode): Promise<void> {
  if (locks.acquire(lock, actor, mode)) return;
  while (!locks.granted(actor)) await locks.wait(actor);
}
