/**
 * A crowd of actors that fight for a few locks: the load of the tests across threads, and the referee.
 *
 * Each thread hosts its actors in a loop like that of the live engine. A section under a lock lasts until the actor's next
 * turn, so actors of one thread overlap as those of different threads do. Under a write lock an actor reads the lock's
 * counter, which is not atomic, and writes it back one higher a turn later; under a read lock it must not have changed.
 */
import { Random } from '../../src/core/random.js';
import { ActorField, Command, type LockLayout, lockLayout } from '../../src/live/lock-layout.js';
import type { LockMode } from '../../src/live/rw-lock.js';
import { SharedRwLocks } from '../../src/live/shared-lock.js';

/** What a thread is given. */
export interface CrowdOptions {
  readonly buffer: SharedArrayBuffer;
  readonly thread: number;
  readonly threads: number;
  readonly actorsPerThread: number;
  readonly locks: number;
  /** Acquisitions of each actor, after which it is done. */
  readonly acquisitions: number;
  /** Chance in a thousand that a section reads. */
  readonly readers: number;
  /** Chance in a thousand that a wish is a try, and that one who waits gives up at a turn. */
  readonly fickle: number;
  /** Whether a thread with nothing to run blocks (Atomics.wait), or sleeps (Atomics.waitAsync). */
  readonly blocks: boolean;
}

/** What a thread reports. */
export interface CrowdResult {
  /** Sections under a write lock, by lock. */
  readonly writes: readonly number[];
  readonly acquired: number;
  /** Acquisitions that had to wait; grants that beat a cancellation; cancellations that beat the grant. */
  readonly waited: number;
  readonly tooLate: number;
  readonly cancelled: number;
  readonly triesFailed: number;
  readonly slept: number;
  /** Changes of a counter that a holder saw and should not have. */
  readonly intrusions: number;
}

/**
 * Words of the crowd behind those of the locks: a counter for each lock, and turns taken and sleeps begun by each thread.
 * One actor more than the crowd has belongs to nobody's thread: the gatekeeper, with whom a test holds locks itself.
 */
export class CrowdMemory {
  readonly words: Int32Array;
  readonly layout: LockLayout;
  readonly counters: Int32Array;
  readonly turns: Int32Array;
  readonly sleeps: Int32Array;
  readonly gatekeeper: number;

  constructor(options: Pick<CrowdOptions, 'threads' | 'actorsPerThread' | 'locks'> & { buffer?: SharedArrayBuffer }) {
    const { threads, locks } = options;
    this.gatekeeper = threads * options.actorsPerThread;
    const { end, ...layout } = lockLayout({ locks, actors: this.gatekeeper + 1, threads: threads + 1 });
    this.words = new Int32Array(options.buffer ?? new SharedArrayBuffer(4 * (end + locks + 2 * threads)));
    this.layout = layout;
    this.counters = this.words.subarray(end, end + locks);
    this.turns = this.words.subarray(end + locks, end + locks + threads);
    this.sleeps = this.words.subarray(end + locks + threads);
  }

  get buffer(): SharedArrayBuffer {
    return this.words.buffer as SharedArrayBuffer;
  }

  /** Which thread hosts an actor: they are dealt out in turn. */
  threadOf(actor: number): number {
    const threads = this.layout.threads - 1;
    return actor === this.gatekeeper ? threads : actor % threads;
  }

  /** Enters where the actors live. */
  placeActors(): void {
    const { actors, actorBase, actorStride } = this.layout;
    for (let actor = 0; actor < actors; actor++) {
      this.words[actorBase + actor * actorStride + ActorField.Thread] = this.threadOf(actor);
    }
  }
}

/** An actor between its turns. */
interface Member {
  readonly actor: number;
  state: 'idle' | 'waiting' | 'inside' | 'done';
  lock: number;
  mode: LockMode;
  seen: number;
  left: number;
}

/** Runs the actors of one thread until all are done or the command word says otherwise. */
export class Crowd {
  readonly memory: CrowdMemory;
  readonly locks: SharedRwLocks;
  readonly members: Member[];
  readonly #random: Random;
  readonly #writes: number[];
  #acquired = 0;
  #waited = 0;
  #tooLate = 0;
  #cancelled = 0;
  #triesFailed = 0;
  #slept = 0;
  #intrusions = 0;

  constructor(readonly options: CrowdOptions) {
    this.memory = new CrowdMemory(options);
    this.locks = new SharedRwLocks(this.memory.words, this.memory.layout);
    this.#random = new Random(7n, options.thread);
    this.#writes = Array.from({ length: options.locks }, () => 0);
    this.members = Array.from({ length: this.memory.layout.actors }, (_, actor) => actor)
      .filter((actor) => this.memory.threadOf(actor) === options.thread)
      .map((actor) => ({ actor, state: 'idle', lock: 0, mode: 'read', seen: 0, left: options.acquisitions }));
  }

  async run(): Promise<CrowdResult> {
    const { words, layout, turns, sleeps } = this.memory;
    const doorbell = this.locks.doorbells[this.options.thread];
    const stopped = () => Atomics.load(words, layout.command) !== Command.Run;
    const granted = ({ actor, state }: Member) => state === 'waiting' && !this.locks.actors.waitsFor(actor);
    const ready = () => stopped() || this.members.some(granted);
    while (!stopped() && this.members.some(({ state }) => state !== 'done')) {
      Atomics.add(turns, this.options.thread, 1);
      let moved = false;
      for (const member of this.members) if (this.#turn(member)) moved = true;
      if (moved) continue;
      this.#slept++;
      Atomics.add(sleeps, this.options.thread, 1);
      if (this.options.blocks) doorbell.block(ready);
      else await doorbell.sleep(ready);
    }
    return this.#result();
  }

  /** One turn of one actor; whether it did anything. */
  #turn(member: Member): boolean {
    if (member.state === 'done') return false;
    if (member.state === 'idle') this.#ask(member);
    else if (member.state === 'inside') this.#leave(member);
    else return this.#look(member);
    return true;
  }

  #ask(member: Member): void {
    const { options } = this;
    member.lock = this.#random.below(options.locks);
    member.mode = this.#random.below(1000) < options.readers ? 'read' : 'write';
    if (this.#random.below(1000) < options.fickle) {
      if (this.locks.tryAcquire(member.lock, member.actor, member.mode)) this.#enter(member);
      else this.#triesFailed++;
    } else if (this.locks.acquire(member.lock, member.actor, member.mode)) {
      this.#enter(member);
    } else {
      this.#waited++;
      member.state = 'waiting';
    }
  }

  #look(member: Member): boolean {
    if (this.#random.below(1000) < this.options.fickle) {
      if (this.locks.cancel(member.actor)) {
        this.#cancelled++;
        member.state = 'idle';
        return true;
      }
      this.#tooLate++;
    } else if (!this.locks.granted(member.actor)) {
      return false;
    }
    this.#enter(member);
    return true;
  }

  #enter(member: Member): void {
    member.state = 'inside';
    member.seen = this.memory.counters[member.lock];
    this.#acquired++;
  }

  #leave(member: Member): void {
    const { counters } = this.memory;
    const { lock, mode } = member;
    if (counters[lock] !== member.seen) this.#intrusions++;
    if (mode === 'write') {
      counters[lock] = member.seen + 1;
      this.#writes[lock]++;
    }
    this.locks.release(lock, member.actor, mode);
    member.left--;
    member.state = member.left > 0 ? 'idle' : 'done';
  }

  #result(): CrowdResult {
    return {
      writes: this.#writes,
      acquired: this.#acquired,
      waited: this.#waited,
      tooLate: this.#tooLate,
      cancelled: this.#cancelled,
      triesFailed: this.#triesFailed,
      slept: this.#slept,
      intrusions: this.#intrusions,
    };
  }
}
