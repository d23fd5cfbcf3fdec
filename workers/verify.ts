/**
 * Verify worker: one thread of a parallel search. piscina calls `runLevels` once a search; the engine then tells it
 * through a port what to do, level by level, and ends the thread when the search is over.
 */

import { once } from 'node:events';
import { InputError, ModelError } from '../src/core/errors.js';
import { loadModel } from '../src/primitives/load-model.js';
import { compileModel } from '../src/primitives/model.js';
import { type LevelTask, LevelWorker, sharedPlan } from '../src/verify/level-worker.js';
import type { LevelEnd, LevelSetup } from '../src/verify/parallel.js';

/** Serves one search until its port is closed; how it ended, if somebody has to repair something. */
export async function runLevels({ port, memory, facts, wanted, ...task }: LevelSetup): Promise<LevelEnd> {
  try {
    const model = (await loadModel(task.source, task.model)).with(task.parameters);
    const shared = sharedPlan(await compileModel(model), facts, wanted);
    if (shared === undefined) throw new Error('the automaton is completed in one thread and not in another');
    const worker = new LevelWorker(shared.plan, shared.met, memory, (answer) => port.postMessage(answer));
    const failed = new Promise<never>((_, reject) => {
      port.on('message', (next: LevelTask) => {
        try {
          worker.do(next);
        } catch (error) {
          reject(error as Error);
        }
      });
    });
    await Promise.race([once(port, 'close'), failed]);
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return { refused: 'input', message: error.message };
    if (error instanceof ModelError) return { refused: 'model', message: error.message };
    throw error;
  }
}
