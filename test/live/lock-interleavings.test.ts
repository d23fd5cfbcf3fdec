/**
 * The shared locks, interrupted wherever it matters: an operation of one actor stops before its n-th atomic access, an
 * operation of another actor runs there from beginning to end, as that of another thread may, and then the first goes on.
 * For every setup, every pair of operations and every n.
 */
import { afterEach, expect, it, vi } from 'vitest';
import { LockField, LockState, lockLayout } from '../../src/live/lock-layout.js';
import type { LockMode } from '../../src/live/rw-lock.js';
import { SharedRwLocks } from '../../src/live/shared-lock.js';
import { usersText } from './lock-worlds.js';

const ACTORS = 6;
const LOCK = 0;
const { end, ...LAYOUT } = lockLayout({ locks: 1, actors: ACTORS, threads: ACTORS });
const WORD = LAYOUT.lockBase;

/** What one actor does: asks for read or write, tries, gives the lock up, or gives up waiting. */
interface Step {
  readonly actor: number;
  readonly verb: 'r' | 'w' | '?r' | '?w' | 'release' | 'cancel';
}

/** What has happened before, in order: who holds and who waits then. `0r 1w`: actor 0 asks for read, actor 1 for write. */
const SETUPS = [
  '',
  '0r',
  '0w',
  '0r 1r',
  '0r 1w',
  '0w 1r',
  '0w 1w',
  '0r 1w 2r',
  '0r 1w 2w',
  '0r 1r 2w 3r',
  '0w 1r 2r 3w',
];

const modeOf = (verb: Step['verb']): LockMode => (verb.endsWith('r') ? 'read' : 'write');

/** The thread of one actor, which notices its grants before it does anything else. */
function perform(locks: SharedRwLocks, { actor, verb }: Step): void {
  locks.granted(actor);
  const held = locks.actors.heldBy(actor)[0];
  const waits = locks.actors.waitsFor(actor) !== undefined;
  if (verb === 'release') {
    if (held !== undefined) locks.release(LOCK, actor, held.mode);
  } else if (verb === 'cancel') {
    if (waits) locks.cancel(actor);
  } else if (held === undefined && !waits) {
    if (verb.startsWith('?')) locks.tryAcquire(LOCK, actor, modeOf(verb));
    else locks.acquire(LOCK, actor, modeOf(verb));
  }
}

function newLocks(setup: string): SharedRwLocks {
  const locks = new SharedRwLocks(new Int32Array(new SharedArrayBuffer(4 * end)), LAYOUT);
  for (const each of setup.split(' ').filter((text) => text !== '')) {
    locks.acquire(LOCK, Number(each[0]), each[1] === 'r' ? 'read' : 'write');
  }
  return locks;
}

/** What makes sense after a setup: a newcomer asks, who holds releases, who waits gives up. */
function stepsAfter(setup: string): Step[] {
  const locks = newLocks(setup);
  const newcomer = locks.holders(LOCK).length + locks.queue(LOCK).length;
  return [
    ...(['r', 'w', '?r', '?w'] as const).map((verb) => ({ actor: newcomer, verb })),
    ...locks.holders(LOCK).map(({ actor }) => ({ actor, verb: 'release' as const })),
    ...locks.queue(LOCK).map(({ actor }) => ({ actor, verb: 'cancel' as const })),
  ];
}

/** The other thread finds the guard taken and would wait: nothing runs at this place from beginning to end. */
class Waits extends Error {}

const VERBS = ['load', 'store', 'add', 'sub', 'and', 'compareExchange', 'exchange'] as const;

/** Calls `before` ahead of each atomic access, and `after` with the result of each compare-exchange. */
function watchAtomics(before: () => void, after: (word: number, seen: number) => void): void {
  for (const verb of VERBS) {
    const genuine = Atomics[verb] as (words: Int32Array, word: number, ...values: number[]) => number;
    vi.spyOn(Atomics, verb as 'load').mockImplementation(((words: Int32Array, word: number, ...values: number[]) => {
      before();
      const seen = genuine(words, word, ...values);
      if (verb === 'compareExchange') after(word, seen);
      return seen;
    }) as never);
  }
}
afterEach(() => vi.restoreAllMocks());

/** State of the watch: how many accesses until `interrupt` is called; Infinity: not armed. */
const watch = { left: Number.POSITIVE_INFINITY, interrupt: () => {}, inside: false };

/** Runs `first`, with `second` before its n-th access. False when `first` has fewer accesses or `second` has to wait. */
function interleave(locks: SharedRwLocks, first: Step, second: Step, n: number): 'ran' | 'waits' | 'over' {
  let ran = false;
  watch.left = n;
  watch.interrupt = () => {
    ran = true;
    perform(locks, second);
  };
  try {
    perform(locks, first);
  } catch (error) {
    if (error instanceof Waits) return 'waits';
    throw error;
  } finally {
    watch.left = Number.POSITIVE_INFINITY;
    watch.inside = false;
  }
  return ran ? 'ran' : 'over';
}

/** The words say what the books say; nobody shares with a writer; nobody waits who could have the lock. */
function faultsOf(locks: SharedRwLocks): string[] {
  const { words } = locks;
  const holders = locks.holders(LOCK);
  const queue = locks.queue(LOCK);
  const writers = holders.filter(({ mode }) => mode === 'write').length;
  const state = writers * LockState.Writer + (holders.length - writers) + (queue.length > 0 ? LockState.Queued : 0);
  const faults: string[] = [];
  if (writers > 0 && holders.length > 1) faults.push('a writer shares');
  if (words[WORD + LockField.State] !== state) faults.push(`state ${words[WORD + LockField.State]} is not ${state}`);
  if (words[WORD + LockField.Guard] !== 0) faults.push('the guard is taken');
  if (words[WORD + LockField.Head] !== (queue[0]?.actor ?? -1) + 1) faults.push('the head is somebody else');
  if (words[WORD + LockField.Tail] !== (queue.at(-1)?.actor ?? -1) + 1) faults.push('the tail is somebody else');
  const inTheWay = queue[0]?.mode === 'write' ? holders.length : writers;
  if (queue.length > 0 && inTheWay === 0) faults.push('somebody waits for nobody');
  for (let actor = 0; actor < ACTORS; actor++) {
    if (locks.actors.waitsFor(actor) && !queue.some((user) => user.actor === actor))
      faults.push(`${actor} is in no queue`);
  }
  return faults;
}

it('whatever interrupts an operation, the lock comes out whole and nobody is forgotten', () => {
  watchAtomics(
    () => {
      if (watch.left-- > 0) return;
      watch.left = Number.POSITIVE_INFINITY;
      watch.inside = true;
      watch.interrupt();
      watch.inside = false;
    },
    (word, seen) => {
      if (watch.inside && word === WORD + LockField.Guard && seen !== 0) throw new Waits();
    },
  );
  let interleavings = 0;
  for (const setup of SETUPS) {
    const steps = stepsAfter(setup);
    // A second newcomer, so that two may ask at a time.
    const others = [...steps, ...steps.slice(0, 4).map(({ actor, verb }) => ({ actor: actor + 1, verb }))];
    for (const first of steps) {
      for (const second of others.filter(({ actor }) => actor !== first.actor)) {
        for (let n = 0; ; n++) {
          const locks = newLocks(setup);
          const outcome = interleave(locks, first, second, n);
          if (outcome === 'over') break;
          if (outcome === 'waits') continue;
          interleavings++;
          const faults = faultsOf(locks);
          const who = `${setup} | ${first.actor} ${first.verb} / ${second.actor} ${second.verb} at ${n}`;
          if (faults.length > 0) {
            expect.fail(
              `${who}: ${faults.join(', ')} (${usersText(locks.holders(LOCK))} | ${usersText(locks.queue(LOCK))})`,
            );
          }
        }
      }
    }
  }
  expect(interleavings).toBeGreaterThan(3000);
});
