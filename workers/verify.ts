/**
 * Verify worker. piscina calls `runLevels` once for a search that several threads share: the engine then tells it through
 * a port what to do, level by level, and ends the thread when the search is over. Or it calls `runVerifyTask` for each
 * model that this thread searches alone.
 */

import { once } from 'node:events';
import { loadModel } from '../src/model/load-model.js';
import { compileUnder, type Model } from '../src/model/model.js';
import { enterWorker } from '../src/threads/inside-worker.js';
import { printOnStderr } from '../src/threads/model-console.js';
import { refusalOf } from '../src/threads/refusal.js';
import { Watchdog } from '../src/threads/watchdog.js';
import type { LevelEnd, LevelSetup } from '../src/verify/level-threads.js';
import { type LevelTask, LevelWorker, sharedPlan } from '../src/verify/level-worker.js';
import { type VerifyReply, type VerifyTask, verifyTask } from '../src/verify/verify-each.js';

printOnStderr();

const watchdog = new Watchdog();

/** Serves one search until its port is closed; how it ended, if somebody has to repair something. */
export async function runLevels({ port, facts, wanted, area, ...task }: LevelSetup): Promise<LevelEnd> {
  try {
    const model = await loaded(task);
    const { plan, met } = sharedPlan(await compileUnder(model, watchdog), facts, wanted);
    if (plan.completion === undefined) throw new Error('the automaton is completed in one thread and not in another');
    const worker = new LevelWorker(plan, met, watchdog, (answer) => port.postMessage(answer), area);
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
    return refusalOf(error);
  }
}

/** Searches one model alone. */
export async function runVerifyTask(task: VerifyTask): Promise<VerifyReply> {
  try {
    return {
      answer: await verifyTask(await loaded(task), {
        ...task.options,
        guard: watchdog,
        clock: () => performance.now(),
      }),
    };
  } catch (error) {
    return refusalOf(error);
  }
}

async function loaded({ source, model, parameters }: Omit<VerifyTask, 'options'>): Promise<Model> {
  enterWorker(source);
  return (await loadModel(source, model)).with(parameters);
}
