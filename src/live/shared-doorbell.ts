/**
 * A doorbell: how a thread with nothing to run sleeps until another thread has something for it.
 *
 * One shared word: 1 from before the sleeper looks for work a last time until somebody rings. Whoever has work first
 * writes the work and then rings. Atomics are totally ordered, so either the ringer sees the 1 and wakes the sleeper,
 * or the sleeper sees the work: no wake-up is lost, and ringing at a thread that is awake costs one load. Used by the
 * locks and by the loop of a live thread, which share one Doorbell per thread.
 */
/// <reference lib="es2024.sharedmemory" />

/** The longest delay a timer takes, in milliseconds. */
const LONGEST_MS = 2 ** 31 - 1;

const AWAKE = 0;
const ASLEEP = 1;

/** The doorbell of one thread. Any thread may `ring`; only the thread it belongs to may `sleep` or `block`. */
export class Doorbell {
  /** The sleep that is under way; whoever else wants to sleep on this thread shares it. */
  #sleep: Promise<void> | undefined;
  #sleepers = 0;
  #keepAlive: NodeJS.Timeout | undefined;

  /** @param word its index in `words` */
  constructor(
    readonly words: Int32Array,
    readonly word: number,
  ) {}

  /** Wakes the thread if it sleeps, or keeps it from falling asleep. */
  ring(): void {
    const { words, word } = this;
    // All sleepers: one that lost interest must not swallow the wake-up of another.
    if (Atomics.load(words, word) === ASLEEP && Atomics.exchange(words, word, AWAKE) === ASLEEP) {
      Atomics.notify(words, word);
    }
  }

  /**
   * Resolves once somebody rings, or at once if `ready` says so. The event loop goes on meanwhile, and the thread stays
   * alive. A ring may be meant for somebody else: the caller looks again.
   */
  async sleep(ready: () => boolean): Promise<void> {
    this.stayAlive(1);
    try {
      await this.rung(ready);
    } finally {
      this.stayAlive(-1);
    }
  }

  /** As `sleep`, but does not keep the thread alive: a pending waitAsync alone does not (nodejs/node#61941). */
  async rung(ready: () => boolean): Promise<void> {
    if (this.#sleep !== undefined) return ready() ? undefined : this.#sleep;
    Atomics.store(this.words, this.word, ASLEEP);
    if (ready()) {
      Atomics.store(this.words, this.word, AWAKE);
      return;
    }
    const { async, value } = Atomics.waitAsync(this.words, this.word, ASLEEP);
    if (!async) return;
    this.#sleep = value.then(() => {
      this.#sleep = undefined;
    });
    return this.#sleep;
  }

  /**
   * Blocks the whole thread until somebody rings, at most `timeoutMs`, or not at all if `ready` says so. Wakes faster than
   * `sleep`, but no message, timer or promise of the thread is served meanwhile.
   */
  block(ready: () => boolean, timeoutMs = Number.POSITIVE_INFINITY): void {
    if (this.#sleep !== undefined) throw new Error(`thread with doorbell ${this.word} blocks while it sleeps already`);
    Atomics.store(this.words, this.word, ASLEEP);
    if (!ready()) Atomics.wait(this.words, this.word, ASLEEP, timeoutMs);
    Atomics.store(this.words, this.word, AWAKE);
  }

  /** Keeps the thread alive for one more sleeper (1), or one less (-1). */
  stayAlive(change: 1 | -1): void {
    this.#sleepers += change;
    this.#keepAlive ??= setInterval(() => {}, LONGEST_MS);
    if (this.#sleepers > 0) this.#keepAlive.ref();
    else this.#keepAlive.unref();
  }
}
