/**
 * Explore worker: runs chunks of blocks in a worker thread. piscina calls `runShardTask`; the engine sends the tasks of
 * one run in the order of their blocks. The thread keeps the shard of the run it served last, automaton and all.
 */

import type { ShardAnswer, ShardTask } from '../src/explore/lanes.js';
import { Shard } from '../src/explore/shard.js';
import { loadModel } from '../src/model/load-model.js';
import { compileModel } from '../src/model/model.js';
import { enterWorker } from '../src/threads/inside-worker.js';
import { refusalOf } from '../src/threads/refusal.js';

let served: { readonly run: string; readonly shard: Promise<Shard> } | undefined;

/** Runs one chunk. */
export async function runShardTask(task: ShardTask): Promise<ShardAnswer> {
  try {
    if (served?.run !== task.run) served = { run: task.run, shard: newShard(task) };
    const shard = await served.shard;
    return { chunk: shard.run(task.first, task.count) };
  } catch (error) {
    return refusalOf(error);
  }
}

async function newShard({ source, model, parameters, settings }: ShardTask): Promise<Shard> {
  enterWorker(source);
  const loaded = await loadModel(source, model);
  return new Shard(await compileModel(loaded.with(parameters)), settings);
}
