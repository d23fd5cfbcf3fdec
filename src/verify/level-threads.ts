/**
 * Level threads: the worker threads of one run of verify, from the main thread's side. They are called up for what was
 * met so far, compile the model and plan the search; when that turns out to be too little they are dismissed, and called
 * up again. Used by `verify` and its parallel search.
 */

import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { Piscina } from 'piscina';
import type { ParameterValue } from '../model/model.js';
import type { Fact } from '../space/met.js';
import type { WantedReductions } from '../space/plan.js';
import { neededWorker } from '../threads/built-worker.js';
import { type Refusal, refusedError } from '../threads/refusal.js';
import type { LevelAnswer, LevelTask } from './level-worker.js';

/** What a thread is started with; plain data and a port. */
export interface LevelSetup {
  readonly source: string;
  readonly model: string;
  readonly parameters: { readonly [name: string]: ParameterValue };
  readonly facts: readonly Fact[];
  readonly wanted: WantedReductions;
  /** Which of the threads it is, from 1 on. */
  readonly area: number;
  readonly port: MessagePort;
}

/** How a thread ended. */
export type LevelEnd = Refusal | undefined;

/** What a search is made of; plain data. */
export type LevelSubject = Omit<LevelSetup, 'port' | 'area'>;

/** Threads that serve one parallel search at a time. */
export class LevelThreads {
  #pool: Promise<Piscina> | undefined;
  #crew: readonly LevelThread[] | undefined;

  /** @param count number of threads; none is started before it is needed */
  constructor(readonly count: number) {}

  /** Calls the threads up, unless they are. Throws InputError when the package was not built. */
  callUp(subject: LevelSubject): readonly LevelThread[] {
    neededWorker('verify');
    const pool = this.#pool ?? poolOf(this.count);
    this.#pool = pool;
    this.#crew ??= Array.from({ length: this.count }, (_, place) => new LevelThread(pool, subject, place + 1));
    return this.#crew;
  }

  /** Lets the threads go: they are free to be called up for something else. */
  dismiss(): void {
    for (const thread of this.#crew ?? []) thread.dismiss();
    this.#crew = undefined;
  }

  /** Ends the threads, whatever they are doing. */
  async close(): Promise<void> {
    if (this.#pool === undefined) return;
    const { endPool } = await import('../threads/worker-pool.js');
    await endPool(await this.#pool);
  }
}

async function poolOf(count: number): Promise<Piscina> {
  const { workerPool } = await import('../threads/worker-pool.js');
  return workerPool('verify', 'runLevels', count);
}

/** One thread, from the main thread's side. */
export class LevelThread {
  readonly #port: MessagePort;
  readonly #ended: Promise<never>;

  constructor(pool: Promise<Piscina>, subject: LevelSubject, area: number) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const setup = { ...subject, area, port: port2 } satisfies LevelSetup;
    const ended = pool.then<LevelEnd>((started) => started.run(setup, { transferList: [port2] }));
    this.#ended = ended.then((end) => {
      if (end === undefined) throw new Error('a thread of the search ended before it was told to');
      throw refusedError(end);
    });
    // Whoever waits for an answer hears of it.
    this.#ended.catch(() => {});
  }

  /** Tells the thread what to do; its answer. */
  tell(task: LevelTask, onProgress: (transitions: number) => void = () => {}): Promise<LevelAnswer> {
    const answered = new Promise<LevelAnswer>((resolve) => {
      const listen = (answer: LevelAnswer): void => {
        if (answer.tells === 'progress') {
          onProgress(answer.transitions);
          return;
        }
        this.#port.off('message', listen);
        resolve(answer);
      };
      this.#port.on('message', listen);
    });
    this.#port.postMessage(task);
    return Promise.race([answered, this.#ended]);
  }

  /** Lets the thread go: it is free for another search. */
  dismiss(): void {
    this.#port.close();
  }
}
