// The measurement behind scripts/bench-lock. Every case runs on fresh threads and memory; cases take turns, round by
// round, so that a machine that is busy for a while is busy for all of them. Printed: median, and the range over rounds.
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Mutex } from 'async-mutex';
import { LocalRwLocks } from '../dist/src/live/local-lock.js';
import { ActorField, LockField, lockLayout } from '../dist/src/live/lock-layout.js';
import { SharedRwLocks } from '../dist/src/live/shared-lock.js';
import { wholeArgument } from './bench.d/whole-argument.mjs';

const HANDOVERS = 10_000;
const SECTIONS = 200_000;
const FREE = 2_000_000;

// ---- Handover: two threads pass something to and fro, and measure from before one gives it until the other has it, with
// the one clock that all threads share. `turns` is how often this thread gets it.

const now = () => Number(process.hrtime.bigint());

async function pingPong({ words, stamp, thread, turns }, waitFor) {
  const [mine, theirs] = [32 + 16 * thread, 32 + 16 * (1 - thread)];
  const latencies = [];
  for (let i = 0; i < turns; i++) {
    // Thread 0 begins.
    if (thread === 1 || i > 0) {
      while (Atomics.exchange(words, mine, 0) === 0) await waitFor(words, mine);
      latencies.push(now() - stamp[0]);
    }
    stamp[0] = now();
    Atomics.store(words, theirs, 1);
    Atomics.notify(words, theirs);
  }
  return latencies;
}

const bareWait = (world) => pingPong(world, (words, mine) => void Atomics.wait(words, mine, 0));
const bareWaitAsync = (world) => pingPong(world, (words, mine) => Atomics.waitAsync(words, mine, 0).value);

// Every acquisition but the first is a handover: nobody releases before the other has queued. It mostly has, while its
// rival woke up; else we nap, for on a busy machine it may be our spinning that keeps it from coming.
async function handOver({ words, stamp, locks, layout, thread, turns }, waitFor) {
  const head = layout.lockBase + LockField.Head;
  const latencies = [];
  for (let i = 0; i < turns; i++) {
    if (!locks.acquire(0, thread, 'write')) {
      while (!locks.granted(thread)) await waitFor(locks, thread);
      latencies.push(now() - stamp[0]);
    }
    // Whoever did not begin is the one who ends.
    const ends = latencies.length === turns;
    while (!ends && Atomics.load(words, head) === 0) Atomics.wait(words, head, 0, 0.05);
    stamp[0] = now();
    locks.release(0, thread, 'write');
  }
  return latencies;
}

const lockBlocked = (world) => {
  const ready = () => world.locks.actors.waitsFor(world.thread) === undefined;
  return handOver(world, (locks, thread) => locks.doorbells[thread].block(ready));
};
const lockAsleep = (world) => handOver(world, (locks, thread) => locks.wait(thread));
// Awaits as the others do, so that only the sleep makes the difference.
const lockPolled = (world) => handOver(world, () => undefined);

function withinThread({ locks, turns }) {
  locks.acquire(0, 0, 'write');
  for (let i = 0; i < turns; i++) {
    const [holder, next] = [i & 1, 1 - (i & 1)];
    locks.acquire(0, next, 'write');
    locks.release(0, holder, 'write');
    if (!locks.granted(next)) throw new Error('the lock was not handed over');
  }
  locks.release(0, turns & 1, 'write');
}

// ---- Rates.

function freeRate(mode) {
  return ({ locks, turns }) => {
    for (let i = 0; i < turns; i++) {
      locks.acquire(0, 0, mode);
      locks.release(0, 0, mode);
    }
  };
}

function bareExchange({ words, turns }) {
  for (let i = 0; i < turns; i++) {
    if (Atomics.compareExchange(words, 64, 0, 1) !== 0) throw new Error('taken');
    Atomics.sub(words, 64, 1);
  }
}

async function asyncMutex({ turns }) {
  const mutex = new Mutex();
  for (let i = 0; i < turns; i++) (await mutex.acquire())();
}

// Actors of a thread take turns; a section lasts until the actor's next turn; a thread with nothing to run sleeps.
async function crowd({ locks, layout, thread, turns }) {
  const mine = Array.from({ length: layout.actors }, (_, actor) => actor).filter((actor) => actor % 2 === thread);
  const members = mine.map((actor) => ({ actor, lock: 0, state: 'idle', left: turns / mine.length }));
  const ready = () => members.some(({ actor, state }) => state === 'waits' && !locks.actors.waitsFor(actor));
  for (let rest = members.length; rest > 0; ) {
    let moved = false;
    for (const member of members) {
      if (member.state === 'idle' && member.left-- > 0) {
        member.lock = (member.actor + member.left * 7) % layout.locks;
        member.state = locks.acquire(member.lock, member.actor, 'write') ? 'inside' : 'waits';
      } else if (member.state === 'inside') {
        locks.release(member.lock, member.actor, 'write');
        member.state = 'idle';
      } else if (member.state === 'waits' && locks.granted(member.actor)) {
        member.state = 'inside';
      } else {
        if (member.state === 'idle') {
          member.state = 'done';
          rest--;
        }
        continue;
      }
      moved = true;
    }
    if (!moved && rest > 0) await locks.doorbells[thread].sleep(ready);
  }
}

// ---- Cases: what runs, on how many threads, with how many actors and locks, and how often altogether.

const pair = { threads: 2, actors: 2, locks: 1, turns: HANDOVERS };
const one = { threads: 1, actors: 2, locks: 1, turns: FREE };
const BARE_WAIT = 'Atomics.wait, bare';
const BARE_EXCHANGE = 'bare compareExchange + sub';
const handovers = {
  [BARE_WAIT]: { ...pair, run: bareWait },
  'Atomics.waitAsync, bare': { ...pair, run: bareWaitAsync },
  'lock, the thread blocks': { ...pair, run: lockBlocked },
  'lock, the thread sleeps (wait)': { ...pair, run: lockAsleep },
  'lock, the thread polls': { ...pair, run: lockPolled },
};
const within = {
  SharedRwLocks: { ...one, turns: FREE / 4, run: withinThread },
  LocalRwLocks: { ...one, turns: FREE / 20, local: true, run: withinThread },
};
const rates = {
  [BARE_EXCHANGE]: { ...one, run: bareExchange },
  'write, free': { ...one, run: freeRate('write') },
  'read, free': { ...one, run: freeRate('read') },
  'LocalRwLocks write, free': { ...one, turns: FREE / 10, local: true, run: freeRate('write') },
  'async-mutex Mutex, free': { ...one, turns: FREE / 10, run: asyncMutex },
  'write, 2 threads x 8 actors, 1 lock': { threads: 2, actors: 16, locks: 1, turns: SECTIONS, run: crowd },
  'write, 2 threads x 8 actors, 64 locks': { threads: 2, actors: 16, locks: 64, turns: 5 * SECTIONS, run: crowd },
};
const cases = { ...handovers, ...within, ...rates };

// ---- A thread: warms up, meets the others, runs, and posts how long it took.

const BARRIER = 16;

async function runThread({ name, buffer, layout, size, thread }) {
  const { threads, turns, local, run } = cases[name];
  const words = new Int32Array(buffer);
  // A pending waitAsync keeps no thread alive.
  const alive = setInterval(() => {}, 1e6);
  const worldOf = (first, share) => {
    const part = words.subarray(first, first + size);
    const locks = new (local ? LocalRwLocks : SharedRwLocks)(part, layout);
    const stamp = new Float64Array(buffer, 8, 1);
    return { words: part, stamp, locks, layout, thread, turns: (turns * share) / threads };
  };
  await run(worldOf(BARRIER, 0.1));
  Atomics.add(words, 0, 1);
  Atomics.notify(words, 0);
  for (let here = 0; here < threads; here = Atomics.load(words, 0)) Atomics.wait(words, 0, here);
  const start = performance.now();
  const latencies = await run(worldOf(BARRIER + size, 1));
  clearInterval(alive);
  parentPort.postMessage({ ms: performance.now() - start, latencies });
}

async function measure(name) {
  const { threads, actors, locks, turns } = cases[name];
  const { end, ...layout } = lockLayout({ threads, actors, locks });
  const size = Math.max(end, 128);
  const buffer = new SharedArrayBuffer(4 * (BARRIER + 2 * size));
  const words = new Int32Array(buffer);
  for (const first of [BARRIER, BARRIER + size]) {
    for (let actor = 0; actor < actors; actor++) {
      words[first + layout.actorBase + actor * layout.actorStride + ActorField.Thread] = actor % threads;
    }
  }
  const workers = Array.from({ length: threads }, (_, thread) => {
    return new Worker(new URL(import.meta.url), { workerData: { name, buffer, layout, size, thread } });
  });
  const results = await Promise.all(workers.map(async (worker) => (await once(worker, 'message'))[0]));
  await Promise.all(workers.map((worker) => worker.terminate()));
  const nanoseconds = (Math.max(...results.map(({ ms }) => ms)) * 1e6) / turns;
  return name in handovers ? median(results.flatMap(({ latencies }) => latencies)) : nanoseconds;
}

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
}

/** One line a case: median and range over the rounds, each through `unit`. */
function print(title, names, unit, beside) {
  console.log(title);
  for (const name of names) {
    const values = measured.get(name).map(unit);
    const [middle, least, most] = [median(values), Math.min(...values), Math.max(...values)];
    const range = `(${least.toFixed(2)} .. ${most.toFixed(2)})`.padEnd(18);
    const times = (middle / median(measured.get(beside).map(unit))).toFixed(2);
    console.log(`  ${name.padEnd(38)} ${middle.toFixed(2).padStart(7)}  ${range} ${times} x ${beside}`);
  }
}

const measured = new Map(Object.keys(cases).map((name) => [name, []]));

if (isMainThread) {
  const rounds = wholeArgument('bench-lock', 'rounds', 9);
  for (let round = 0; round < rounds; round++) {
    for (const [name, results] of measured) results.push(await measure(name));
  }
  const over = `median of ${rounds} rounds and their range`;
  const micro = (nanoseconds) => nanoseconds / 1e3;
  const millions = (nanoseconds) => 1e3 / nanoseconds;
  print(
    `handover between threads, microseconds (medians of a round: ${over})`,
    Object.keys(handovers),
    micro,
    BARE_WAIT,
  );
  print(`\nhandover within a thread, microseconds (${over})`, Object.keys(within), micro, Object.keys(within)[0]);
  print(`\nacquire and release, millions a second (${over})`, Object.keys(rates), millions, BARE_EXCHANGE);
} else {
  await runThread(workerData);
}
