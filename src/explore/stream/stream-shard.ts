/**
 * The stream's shard: runs parts of the stream and sums them up. It works on the main thread, whatever the number of
 * workers: what is left out of a schedule depends on all that came before. Used by the engine.
 */

import type { Program } from '../../core/program/program.js';
import { type ChunkResult, Outcomes, type WantedFinding } from '../outcomes.js';
import { RunEnd } from '../runner.js';
import type { Sharing } from '../sharing.js';
import { MOST_BYTES, Stream } from './stream.js';
import type { StreamProgress } from './stream-progress.js';

/** A part of the stream: so many schedules. */
export interface StreamOrder {
  readonly schedules: number;
}

/** Departures, and bytes of all that is kept, from which on the stream costs more than it finds. */
const MANY = { departures: 20_000, bytes: 50_000_000 };

/** An actor goes round a loop after so many times the steps of the longest walk, and some more. */
const WALKS = 4;
const SOME = 64;

/** Steps for which it goes on within its part after the first violation: others are often near, and one may be graver. */
const STEPS_AFTER_FIRST = 5_000;

/** What a shard of the stream needs besides the program. */
export interface StreamSettings {
  readonly stepBound: number;
  readonly keepGoing: boolean;
  readonly wanted?: WantedFinding | undefined;
  /** Of the longest run that is known. */
  readonly mostVisible: number;
}

/** Runs the stream of one program. */
export class StreamShard {
  readonly stream: Stream;
  readonly #outcomes: Outcomes;
  #order: StreamOrder = { schedules: 0 };
  #isMidway = false;
  #isOut = false;
  /** Steps that were taken since something was sighted. */
  #stepsAfter = 0;

  constructor(
    program: Program,
    readonly settings: StreamSettings,
    sharing: Sharing,
  ) {
    this.stream = new Stream(program, sharing, settings.stepBound, WALKS * settings.mostVisible + SOME);
    this.#outcomes = new Outcomes(program, settings.wanted, this.stream);
  }

  /** Takes up the next part. */
  begin(order: StreamOrder): void {
    this.#outcomes.clear();
    this.#order = order;
    this.#stepsAfter = 0;
    this.#isMidway = false;
  }

  /** Runs on for about so many steps; whether the part has run (to a little behind the first violation). */
  goOn(steps: number): boolean {
    const { stream } = this;
    for (let left = steps; left > 0 && !this.#isOver; ) {
      if (!this.#isMidway && !stream.begin()) {
        this.#isOut = true;
        // Runs that only joined others may all be on their way to where no end is.
        if (!this.#outcomes.hasLivelocks && stream.showWithoutEnd()) {
          this.#outcomes.ended(RunEnd.Livelocked, 'stream');
        }
        return true;
      }
      this.#isMidway = true;
      const before = stream.steps;
      const end = stream.goOn(left);
      const taken = Math.max(1, stream.steps - before);
      left -= taken;
      if (this.#outcomes.hasSightings) this.#stepsAfter += taken;
      if (end === RunEnd.Stands) continue;
      this.#isMidway = false;
      this.#outcomes.ended(end, 'stream');
    }
    return this.#isOver;
  }

  /** What the part came to. */
  result(): ChunkResult {
    return { ...this.#outcomes.result(false), stream: this.#progress() };
  }

  /** The op that was run last, for whoever cuts a step off. */
  get underWay(): string {
    return this.#outcomes.underWay;
  }

  get #isOver(): boolean {
    if (this.#isMidway) return false;
    const { schedules, hasSightings } = this.#outcomes;
    if (schedules >= this.#order.schedules || this.#isTooLarge) return true;
    const { keepGoing, wanted } = this.settings;
    return hasSightings && !keepGoing && (wanted !== undefined || this.#stepsAfter >= STEPS_AFTER_FIRST);
  }

  get #isTooLarge(): boolean {
    return this.stream.bytes > MOST_BYTES;
  }

  #progress(): StreamProgress {
    const { stream } = this;
    return {
      isOut: this.#isOut,
      isExhausted: this.#isOut && !stream.gaveUp,
      boundDone: stream.boundDone,
      restarts: stream.restarts,
      isLarge: stream.outstanding > MANY.departures || stream.bytes > MANY.bytes,
    };
  }
}
