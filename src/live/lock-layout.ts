/**
 * Where the locks of a live run live in its shared memory.
 *
 * Plain numbers, word indices into one Int32Array, so that every thread that builds them from the same counts agrees.
 * `lockLayout` packs them one after the other; whoever owns the memory may place them otherwise, as long as the fields
 * of a lock and of an actor keep their offsets. Imported by the live engine.
 */

/** What the command word of a run holds. Anything but Run interrupts those who wait for a lock. */
export const Command = {
  Run: 0,
  Pause: 1,
  /** The epoch ends in good order. */
  Stop: 2,
  /** A thread died. As Stop; besides, whoever needs a queue that the dead was changing gives up (`LockAbandoned`). */
  Broken: 3,
} as const;

/** Offsets of the words of one lock. */
export const LockField = {
  /** Number of readers, and the flags of `LockState`. */
  State: 0,
  /** 0, or 1 + the actor on whose behalf a thread is changing the queue. */
  Guard: 1,
  /** 1 + the actor that waits longest; 0 when nobody waits. */
  Head: 2,
  /** 1 + the actor that came last; 0 when nobody waits. */
  Tail: 3,
} as const;

/** Words of one lock. */
export const LOCK_WORDS = 4;

/** Flags in a lock's state word; the bits below count its readers. */
export const LockState = {
  Writer: 1 << 30,
  /** Somebody waits: nobody may take the lock past the queue. */
  Queued: 1 << 29,
} as const;

/** How many locks an actor can hold at a time. */
export const HELD_SLOTS = 8;

/** Offsets of the words of one actor that the locks use. */
export const ActorField = {
  /** 1 from the moment the lock that the actor waits for was handed to it until the actor takes notice. */
  Grant: 0,
  /** 1 + `lockUse` of what the actor waits for; 0 when it waits for nothing. */
  WaitsFor: 1,
  /** How many of the slots from `Held` on count. */
  HeldCount: 2,
  /** `lockUse` of each lock it holds, in the order in which it took them. */
  Held: 3,
  /** 1 + the actor behind it in the queue; 0 at the tail. */
  Next: 3 + HELD_SLOTS,
  /** The thread that hosts the actor; written by whoever places the actors, and kept by `reset`. */
  Thread: 4 + HELD_SLOTS,
} as const;

/** Words of one actor that the locks use. */
export const ACTOR_LOCK_WORDS = ActorField.Thread + 1;

/** Word indices of everything the locks use; strides are words from one lock, actor or thread to the next. */
export interface LockLayout {
  readonly locks: number;
  readonly lockBase: number;
  readonly lockStride: number;
  readonly actors: number;
  readonly actorBase: number;
  readonly actorStride: number;
  readonly threads: number;
  /** A word a thread: 1 while it sleeps or is about to, else 0 (`Doorbell`). */
  readonly doorbellBase: number;
  readonly doorbellStride: number;
  /** The word that holds a `Command`. */
  readonly command: number;
}

/** Words of a cache line: what different threads write does not share one. */
const LINE = 16;

const lines = (words: number): number => Math.ceil(words / LINE) * LINE;

/** A layout with nothing but the locks, from word `base` on, and the index of the first word behind it. */
export function lockLayout(
  counts: { readonly locks: number; readonly actors: number; readonly threads: number },
  base = 0,
): LockLayout & { readonly end: number } {
  const doorbellBase = lines(base) + LINE;
  const actorBase = doorbellBase + counts.threads * LINE;
  const lockBase = actorBase + counts.actors * lines(ACTOR_LOCK_WORDS);
  return {
    ...counts,
    command: lines(base),
    ...{ doorbellBase, doorbellStride: LINE },
    ...{ actorBase, actorStride: lines(ACTOR_LOCK_WORDS) },
    ...{ lockBase, lockStride: LINE },
    end: lockBase + counts.locks * LINE,
  };
}
