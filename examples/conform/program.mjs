/**
 * A real program: threads that take a ticket lock made of shared memory, and log what they do with the time at which they do
 * it. A line is `time task event number`, where the time is nanoseconds of one clock.
 *
 *   node examples/conform/program.mjs [threads] [rounds] > lock.log
 *
 * `--broken` draws numbers as nobody should, in two steps; in the first round all threads are between the two at once.
 */
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/** The words of the lock, and two where the threads meet. */
const Word = { next: 0, serving: 1, begun: 2, drawing: 3 };

if (isMainThread) await main();
else work(workerData);

async function main() {
  const words = process.argv.slice(2);
  const isBroken = words.includes('--broken');
  const [threads = 3, rounds = 20] = words.filter((word) => word !== '--broken').map(Number);
  const lock = new Int32Array(new SharedArrayBuffer(16));
  const start = process.hrtime.bigint();
  const workers = Array.from(
    { length: threads },
    (_, place) =>
      new Worker(new URL(import.meta.url), {
        workerData: { lock, task: `task${place}`, threads, rounds, start, isBroken },
      }),
  );
  const logs = await Promise.all(workers.map((worker) => once(worker, 'message')));
  const lines = logs.flatMap(([log]) => log).sort((one, other) => one.time - other.time);
  for (const { time, task, event, number } of lines) console.log(`${time} ${task} ${event} ${number}`);
}

/** Takes the lock some times. Every event is logged behind what it tells of, but for `leaves`, which comes before. */
function work({ lock, task, threads, rounds, start, isBroken }) {
  const log = [];
  const tell = (event, number) => log.push({ time: Number(process.hrtime.bigint() - start), task, event, number });
  meet(lock, Word.begun, threads);
  for (let round = 0; round < rounds; round++) {
    const mine = isBroken ? drawnInTwoSteps(lock, round === 0 ? threads : 0) : Atomics.add(lock, Word.next, 1);
    tell('drew', mine);
    for (;;) {
      const serving = Atomics.load(lock, Word.serving);
      // Of two with one number the second may come too late for its own turn.
      if (serving === mine || (isBroken && serving > mine)) break;
      Atomics.wait(lock, Word.serving, serving, 1);
    }
    tell('is-in', mine);
    rest();
    tell('leaves', mine);
    Atomics.add(lock, Word.serving, 1);
    Atomics.notify(lock, Word.serving);
  }
  parentPort.postMessage(log);
}

/** Long enough for others to come to the lock meanwhile. */
function rest() {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0.2);
}

function drawnInTwoSteps(lock, threads) {
  const number = Atomics.load(lock, Word.next);
  if (threads > 0) meet(lock, Word.drawing, threads);
  Atomics.store(lock, Word.next, number + 1);
  return number;
}

/** Waits until so many threads are here. */
function meet(lock, word, threads) {
  Atomics.add(lock, word, 1);
  Atomics.notify(lock, word);
  for (let here = 0; here < threads; here = Atomics.load(lock, word)) if (here > 0) Atomics.wait(lock, word, here);
}
