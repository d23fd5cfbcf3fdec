/**
 * What the stream knows of the states that it has met: all that is forgotten when something is learned. The states are
 * stored exactly, so they are the snapshots that departures go on from as well. Used by the stream.
 */

import { grown } from '../../core/grown.js';
import { StateSet } from '../../core/run/state-set.js';
import type { Facts } from '../facts.js';
import { Crossings } from './crossings.js';
import { Departures } from './departures.js';
import { Paths } from './paths.js';

/** The actor was not met in the state. */
const NOT_MET = 255;

/** States and departures, under one set of facts. */
export class Known {
  readonly states: StateSet;
  readonly departures = new Departures();
  readonly paths = new Paths();
  readonly crossings = new Crossings();
  /** By state and actor: the fewest preemptions with which the actor went on there, or will. */
  met: Uint8Array<ArrayBuffer>;
  /** By state: the run that came there last, and after how many of its steps. */
  ranBy: Int32Array<ArrayBuffer>;
  ranAt: Int32Array<ArrayBuffer>;
  /** The same of the run that came there first. */
  metBy: Int32Array<ArrayBuffer>;
  metAt: Int32Array<ArrayBuffer>;
  /** Answers that are queued, by state, actor and answer. */
  readonly answers = new Set<string>();

  constructor(
    readonly facts: Facts,
    words: number,
    readonly actors: number,
  ) {
    this.states = new StateSet(words);
    this.met = new Uint8Array(256 * actors).fill(NOT_MET);
    this.ranBy = new Int32Array(256).fill(-1);
    this.ranAt = new Int32Array(256);
    this.metBy = new Int32Array(256);
    this.metAt = new Int32Array(256);
  }

  get bytes(): number {
    const { states, departures, paths, crossings, met, ranBy } = this;
    const ofStates = states.bytes + met.byteLength + ranBy.byteLength * 4;
    return ofStates + departures.bytes + paths.bytes + crossings.bytes;
  }

  /** The number of a state to which the run that was begun last has come after so many of its steps. */
  number(state: Int32Array, steps: number): number {
    const before = this.states.size;
    const number = this.states.add(state);
    if (number >= this.ranBy.length) this.#makeRoom();
    if (number === before) {
      this.metBy[number] = this.paths.runs - 1;
      this.metAt[number] = steps;
    }
    return number;
  }

  #makeRoom(): void {
    const length = this.ranBy.length * 2;
    this.met = grown(this.met, length * this.actors, NOT_MET);
    this.ranBy = grown(this.ranBy, length, -1);
    this.ranAt = grown(this.ranAt, length);
    this.metBy = grown(this.metBy, length);
    this.metAt = grown(this.metAt, length);
  }
}
