/**
 * Conform worker: holds one recording against a model, so that the thread which asked for it hears of signals and of its
 * budget meanwhile. It knows no kernel: the task names the module that reads such recordings. piscina calls `runHolding`
 * once. Started by the command line.
 */

import { enterWorker } from '../src/threads/inside-worker.js';
import { printOnStderr } from '../src/threads/model-console.js';
import { type Refusal, refusalOf } from '../src/threads/refusal.js';

printOnStderr();

/** What to run: a task for the function `holdTask` of a module. */
export interface HoldingTask {
  /** Where the module lies, as a URL. */
  readonly module: string;
  readonly task: unknown;
}

/** Holds a recording; what it came to, or whose error it is that it came to nothing. */
export async function runHolding({ module, task }: HoldingTask): Promise<{ readonly report: unknown } | Refusal> {
  try {
    enterWorker(module);
    const { holdTask } = (await import(module)) as { holdTask(task: unknown): Promise<unknown> };
    return { report: await holdTask(task) };
  } catch (error) {
    return refusalOf(error);
  }
}
