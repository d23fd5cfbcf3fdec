/**
 * Spawned actors: declared up front, begun by another actor, or never. Used by models, through `m.spawned`.
 *
 * Such an actor is a daemon, so a run may end without it; one that was begun has to come to its end, or that is a deadlock:
 * of who joins it, and else of its own. Source of the meaning: pthread_create(3) and pthread_join(3), kthread_run().
 */

import type { Cell } from '../core/ops/cell.js';
import type { Op } from '../core/ops/op.js';
import type { Routine, Steps } from '../core/ops/routine.js';

/** What the cell of a spawned actor holds. */
const Life = { NotYet: 0, Lives: 1, Over: 2 } as const;

const SPAWNED_TWICE = { kind: 'assertion', words: 'it is spawned a second time' } as const;

/** An actor that another one begins. */
export class SpawnedActor {
  constructor(
    readonly name: string,
    /** 0: not begun, 1: begun, 2: at its end. */
    readonly life: Cell,
  ) {}

  /** pthread_create(): lets it begin; a second time is a finding. */
  spawn(): Op<void> {
    return this.life.apply(`spawn(${this.name})`, 'none', {
      next: () => Life.Lives,
      violation: (life) => (life === Life.NotYet ? undefined : SPAWNED_TWICE),
    });
  }

  /** pthread_join(): waits until it is at its end. One that nobody spawns is waited for for ever. */
  join(): Op<void> {
    return this.life.waitUntil((life) => life === Life.Over).named(`join(${this.name})`);
  }

  /** A join with a time limit: false when the time is over while it waits, which may be at any time. */
  joinTimed(): Op<boolean> {
    return this.life.apply<boolean>(`join_timed(${this.name})`, 'boolean', {
      result: (life) => (life === Life.Over ? 1 : 0),
    });
  }

  /** What the actor runs. */
  *run(body: () => Steps<unknown>): Routine {
    yield* this.life.waitUntil((life) => life === Life.Lives).named(`${this.name} is spawned`);
    yield* body();
    yield* this.life.write(Life.Over).named(`${this.name} ends`);
  }

  /** Whether it has come to its end if it was begun, for the check of finished runs. */
  readonly ends = (life: number): true | string =>
    life !== Life.Lives || `${this.name} was spawned and never gets to its end`;
}
