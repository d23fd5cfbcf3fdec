/**
 * Explore worker: runs chunks of blocks in a worker thread. piscina calls `runShardTask`; the engine sends the tasks of
 * one run in the order of their blocks. The thread keeps the lane of the run it served last, automaton and all.
 */

import type { ShardAnswer, ShardTask } from '../src/explore/lanes.js';
import { OwnLane } from '../src/explore/own-lane.js';
import { type ChunkOrder, Shard } from '../src/explore/shard.js';
import { loadModel } from '../src/model/load-model.js';
import { compileUnder } from '../src/model/model.js';
import { enterWorker } from '../src/threads/inside-worker.js';
import { printOnStderr } from '../src/threads/model-console.js';
import { refusalOf } from '../src/threads/refusal.js';
import { Watchdog } from '../src/threads/watchdog.js';

printOnStderr();

let served: { readonly run: string; readonly lane: Promise<OwnLane<ChunkOrder>> } | undefined;
const watchdog = new Watchdog();

/** Runs one chunk, or as much of it as there is time for. */
export async function runShardTask(task: ShardTask): Promise<ShardAnswer> {
  try {
    if (served?.run !== task.run) served = { run: task.run, lane: newLane(task) };
    const lane = await served.lane;
    const { chunk, refused } = await lane.run(task.order);
    return { chunk, refusal: refused && refusalOf(refused) };
  } catch (error) {
    return { chunk: undefined, refusal: refusalOf(error) };
  }
}

async function newLane({ source, model, parameters, settings, stop }: ShardTask): Promise<OwnLane<ChunkOrder>> {
  enterWorker(source);
  const loaded = await loadModel(source, model);
  const program = await compileUnder(loaded.with(parameters), watchdog);
  const isOver = () => Atomics.load(stop, 0) !== 0;
  return new OwnLane(
    program,
    () => new Shard(program, settings),
    watchdog,
    () => performance.now(),
    isOver,
  );
}
