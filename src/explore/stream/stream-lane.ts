/**
 * The lane of the stream: runs its parts on this thread, in slices, and knows how it stands. Used by the engine.
 */

import type { WorkGuard } from '../../core/guard.js';
import type { Program } from '../../core/program/program.js';
import { type Chunk, OwnLane } from '../own-lane.js';
import type { RacingFacts, Sharing } from '../sharing.js';
import type { PairCounts } from './racing-pairs.js';
import { type StreamOrder, type StreamSettings, StreamShard } from './stream-shard.js';

/** Runs the stream of one program. */
export class StreamLane {
  /** Whether it holds more than is good. */
  isLarge = false;
  #shard: StreamShard | undefined;
  readonly #lane: OwnLane<StreamOrder>;

  constructor(
    program: Program,
    settings: StreamSettings,
    readonly sharing: Sharing,
    guard: WorkGuard,
    clock: (() => number) | undefined,
    isOver: () => boolean,
  ) {
    const make = (): StreamShard => {
      this.#shard = new StreamShard(program, settings, sharing);
      return this.#shard;
    };
    this.#lane = new OwnLane(program, make, guard, clock, isOver);
  }

  /** Runs the next part, or those schedules of it that end before `stop`. */
  async run(order: StreamOrder): Promise<Chunk> {
    const part = await this.#lane.run(order);
    this.isLarge = part.chunk?.stream?.isLarge ?? true;
    return part;
  }

  /** Cuts short what is under way. */
  stop(): void {
    this.#lane.stop();
  }

  /**
   * What races, as far as the stream has learned; `known` while that is nothing more. Facts of one version are always the
   * same ones: more sections may be known to be quiet later, but a thread that has them would draw other schedules than one
   * that was told before.
   */
  racingSince(known: RacingFacts): RacingFacts {
    return known.version === this.sharing.learned ? known : this.sharing.facts();
  }

  /** Which pairs of ops came one right before the other. */
  get pairs(): PairCounts | undefined {
    return this.#shard?.stream.pairs.counts();
  }
}
