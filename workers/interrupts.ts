/**
 * Interrupts: a thread that waits for Ctrl-C and tells the main thread of it. It never runs anything else.
 *
 * Whoever runs long JavaScript on the main thread may have it broken by Ctrl-C (threads/watchdog.ts), but between two
 * pieces of such work Node takes its handler away, and a Ctrl-C that falls there would end the program with all that it
 * found. Node keeps one handler for as long as anybody has work that may be broken; so this thread has some all the time.
 * Ctrl-C reaches the work that began last: the main thread's, or else this one's. Started by the command line.
 */

import { Script } from 'node:vm';
import { parentPort } from 'node:worker_threads';
import type { InterruptNews } from '../src/threads/watchdog.js';

const tell = Symbol.for('faultline.interrupts.listening');
const thread = globalThis as { [tell]?: () => void };
const news = (text: InterruptNews): void => parentPort?.postMessage(text);
// Told from within: only then is the handler there.
thread[tell] = () => news('listening');
const wait = new Script(`globalThis[Symbol.for('faultline.interrupts.listening')]();
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`);

for (;;) {
  try {
    wait.runInThisContext({ breakOnSigint: true, displayErrors: false });
  } catch {
    news('interrupt');
  }
}
