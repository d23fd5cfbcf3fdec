/**
 * Measures the live engine: page faults of v3-inplace on 4096 frames with one conversion per 1000 faults, beside worker
 * threads that do the same Atomics on the same memory layout by hand (fault-by-hand.mjs). Both keep their threads, warm,
 * over all rounds and take turns, round by round, so that a machine that is busy for a while is busy for both; ratios
 * are taken within a round. Time that a thread spent waiting for a core, which Linux tells, does not count; time that it
 * slept or waited for a lock does. Then the throughput of 1 to 64 actors on one thread a core. Argument: rounds
 * (default 15).
 *
 * Bar: at least 0.4 of the faults per second of the hand-written threads, at 1 and at 2 threads.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { live } from '../../dist/src/live/live.js';
import { SharedMemory } from '../../dist/src/live/shared-memory.js';
import { compileModel } from '../../dist/src/model/model.js';
import { benchModel } from './live-model.mjs';
import { wholeArgument } from './whole-argument.mjs';

const ROUNDS = wholeArgument('bench live', 'rounds', 15);
const GFNS = 4096;
const WARM_MS = 2500;
const ROUND_MS = 400;
const SCALE_MS = 1500;
const BAR = 0.4;

let missed = 0;
for (const threads of [1, 2]) await race(threads);
await scale();
console.log(missed === 0 ? '\nevery bar holds' : `\n${missed} missed`);
process.exitCode = missed === 0 ? 0 : 1;

async function race(threads) {
  const contenders = { live: await liveThreads(threads, threads), hand: await handThreads(threads) };
  for (const contender of Object.values(contenders)) await contender.run(WARM_MS);
  const rates = { live: [], hand: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, contender] of Object.entries(contenders)) rates[name].push(await contender.run(ROUND_MS));
  }
  for (const contender of Object.values(contenders)) await contender.end();
  console.log(`\n${threads} thread${threads === 1 ? '' : 's'}, ${GFNS} frames, 1 conversion per 1000 faults`);
  for (const [name, values] of Object.entries(rates)) {
    console.log(
      `  ${name.padEnd(5)} ${million(median(values))} faults/s (${million(Math.min(...values))} to ${million(Math.max(...values))})`,
    );
  }
  const ratio = median(rates.live.map((rate, round) => rate / rates.hand[round]));
  const holds = ratio >= BAR;
  if (!holds) missed++;
  console.log(`  ${holds ? 'PASS' : 'MISS'} live / hand ${ratio.toFixed(2)} (bar ${BAR})`);
}

/** The live engine; `run` returns faults per second. */
async function liveThreads(actors, threads) {
  const run = live(benchModel(actors, GFNS), { threads, tickMs: 10, pauseEveryMs: 250 });
  let last = { calls: 0, seconds: 0 };
  run.events.subscribe((event) => {
    if (event.type === 'tick') last = event;
    if (event.type === 'finding') throw new Error(`the benchmark found ${event.finding.words}`);
  });
  const ticked = async () => {
    const before = last;
    while (last === before) await wait(1);
    return last;
  };
  while ((await ticked()).calls === 0);
  await run.pause();
  return {
    async run(ms) {
      await run.resume();
      const first = await ticked();
      const seconds = stopwatch(threads);
      await wait(ms);
      const rate = ((await ticked()).calls - first.calls) / seconds();
      await run.pause();
      return rate;
    },
    end: async () => run.stop(),
  };
}

/** The hand-written threads. */
async function handThreads(threads) {
  const program = await compileModel(benchModel(threads, GFNS));
  const memory = new SharedMemory(program, threads);
  memory.resetWorld(1);
  const control = new Int32Array(new SharedArrayBuffer(4 * (2 + threads)));
  const workers = Array.from(
    { length: threads },
    (_, thread) =>
      new Worker(new URL('./fault-by-hand.mjs', import.meta.url), {
        workerData: { buffer: memory.buffer, control, thread, threads, gfns: GFNS },
      }),
  );
  while (Atomics.load(control, 1 + threads) < threads) await wait(1);
  const faults = () => control.subarray(1, 1 + threads).reduce((sum, each) => sum + (each >>> 0), 0);
  const go = (value) => {
    Atomics.store(control, 0, value);
    Atomics.notify(control, 0);
  };
  return {
    async run(ms) {
      go(1);
      await wait(10);
      const first = faults();
      const seconds = stopwatch(threads);
      await wait(ms);
      const rate = (faults() - first) / seconds();
      go(0);
      return rate;
    },
    async end() {
      go(2);
      await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve))));
    },
  };
}

/** Seconds from now on, less those in which the threads that ran most, so many, had work and no core. */
function stopwatch(threads) {
  const [start, before] = [performance.now(), schedule()];
  return () => {
    const passed = performance.now() - start;
    const spent = [...schedule()].map(([task, { ranMs, queuedMs }]) => {
      const first = before.get(task) ?? { ranMs: 0, queuedMs: 0 };
      return { ranMs: ranMs - first.ranMs, queuedMs: queuedMs - first.queuedMs };
    });
    const busiest = spent.sort((left, right) => right.ranMs - left.ranMs).slice(0, threads);
    const queued = busiest.reduce((sum, { queuedMs }) => sum + queuedMs, 0) / threads;
    return Math.max(passed / 20, passed - queued) / 1000;
  };
}

/** By thread of this process: how long it ran, and how long it waited for a core; nothing where the system does not say. */
function schedule() {
  const found = new Map();
  try {
    for (const task of readdirSync('/proc/self/task')) {
      const [ranNs, queuedNs] = readFileSync(`/proc/self/task/${task}/schedstat`, 'utf8').split(' ').map(Number);
      found.set(task, { ranMs: ranNs / 1e6, queuedMs: queuedNs / 1e6 });
    }
  } catch {
    // A thread that ends meanwhile, or another system.
  }
  return found;
}

async function scale() {
  const threads = availableParallelism();
  console.log(`\n1 to 64 actors on up to ${threads} threads`);
  for (const actors of [1, 2, 4, 8, 16, 32, 64]) {
    const contender = await liveThreads(actors, Math.min(threads, actors));
    await contender.run(WARM_MS);
    const rate = await contender.run(SCALE_MS);
    const { actors: each, byLock } = await contender.end();
    const calls = each.map((actor) => actor.calls);
    const fairness = Math.min(...calls) / Math.max(...calls);
    const contended = byLock.reduce((sum, lock) => sum + lock.contended, 0);
    const acquired = byLock.reduce((sum, lock) => sum + lock.acquisitions, 0);
    console.log(
      `  ${String(actors).padStart(2)} actors ${million(rate)} faults/s; slowest / fastest actor ${fairness.toFixed(2)}; ` +
        `${((100 * contended) / acquired).toFixed(3)} % of lock acquisitions contended`,
    );
  }
}

function million(rate) {
  return `${(rate / 1e6).toFixed(2)} M`;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
