/**
 * Live worker: hosts actors of a live run in a worker thread. piscina calls `hostActors` once a thread and run; the task
 * lasts until the supervisor ends it.
 */

import { InputError, ModelError } from '../src/core/errors.js';
import type { LiveTask, ThreadFailure } from '../src/live/messages.js';
import { LiveThread } from '../src/live/thread.js';
import { loadModel } from '../src/model/load-model.js';
import { compileModel } from '../src/model/model.js';
import { printOnStderr } from '../src/threads/model-console.js';

printOnStderr();

/** Hosts the actors of a task until the supervisor says stop; or says why it could not. */
export async function hostActors(task: LiveTask): Promise<ThreadFailure | undefined> {
  try {
    const model = await loadModel(task.source, task.model);
    const program = await compileModel(model.with(task.parameters));
    new LiveThread(task, program).obey();
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return { kind: 'input', text: error.message };
    if (error instanceof ModelError) return { kind: 'model', text: error.message };
    return { kind: 'defect', text: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  } finally {
    // Or the port keeps the thread's event loop busy after the task.
    task.port.close();
  }
}
