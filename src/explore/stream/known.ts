/**
 * What the stream knows of the states that it has met: all that is forgotten when something is learned. The states are
 * stored exactly, so they are the snapshots that departures go on from as well. Used by the stream.
 */

import { grown } from '../../core/grown.js';
import type { Executor } from '../../core/run/executor.js';
import { BLOCK_HEAD } from '../../core/run/readiness.js';
import { StateSet } from '../../core/run/state-set.js';
import type { Facts } from '../facts.js';
import { Crossings } from './crossings.js';
import { Departures } from './departures.js';
import { KeyCounts } from './key-counts.js';
import { Paths } from './paths.js';

/** States and departures, under one set of facts. */
export class Known {
  readonly states: StateSet;
  readonly departures = new Departures();
  readonly paths = new Paths();
  readonly crossings = new Crossings();
  /** By state and actor: one more than the fewest preemptions with which the actor went on there, or will; 0: it was not met. */
  met: Uint8Array<ArrayBuffer>;
  /** By state: how many runs had begun when one came there last (0: none did), and after how many of its steps. */
  ranBy: Int32Array<ArrayBuffer>;
  ranAt: Int32Array<ArrayBuffer>;
  /** The same of the run that came there first. */
  metBy: Int32Array<ArrayBuffer>;
  metAt: Int32Array<ArrayBuffer>;
  /** Answers that are queued, by state, and actor and answer. */
  readonly answers = new KeyCounts();
  /** Bytes of the tables by state. */
  #bytes = 0;

  readonly actors: number;
  /** Registers of each actor that may hold something. */
  #registers = 0;

  constructor(
    readonly facts: Facts,
    readonly executor: Executor,
  ) {
    const { actors, state } = executor;
    this.actors = actors;
    const [first, end] = [executor.registerWord(0, 0) - BLOCK_HEAD, executor.results];
    const perActor = (end - first) / actors;
    this.states = new StateSet(
      state.length,
      (word) => word < first || word >= end || (word - first) % perActor < BLOCK_HEAD,
    );
    this.#admitRegisters();
    this.met = new Uint8Array(256 * actors);
    this.ranBy = new Int32Array(256);
    this.ranAt = new Int32Array(256);
    this.metBy = new Int32Array(256);
    this.metAt = new Int32Array(256);
    this.#weigh();
  }

  get bytes(): number {
    const { states, departures, paths, crossings } = this;
    return states.bytes + this.#bytes + departures.bytes + paths.bytes + crossings.bytes;
  }

  /** The number of a state to which the run that was begun last has come after so many of its steps. */
  number(state: Int32Array, steps: number): number {
    if (this.executor.automaton.mostRegisters !== this.#registers) this.#admitRegisters();
    const before = this.states.size;
    const number = this.states.add(state);
    if (number >= this.ranBy.length) this.#makeRoom();
    if (number === before) {
      this.metBy[number] = this.paths.runs - 1;
      this.metAt[number] = steps;
    }
    return number;
  }

  /** Those above were never written (core/run/calls.ts). */
  #admitRegisters(): void {
    const { executor } = this;
    const { mostRegisters } = executor.automaton;
    for (let actor = 0; actor < this.actors; actor++) {
      for (let register = this.#registers; register < mostRegisters; register++) {
        this.states.admit(executor.registerWord(actor, register));
      }
    }
    this.#registers = mostRegisters;
  }

  #makeRoom(): void {
    const length = this.ranBy.length * 2;
    this.met = grown(this.met, length * this.actors);
    this.ranBy = grown(this.ranBy, length);
    this.ranAt = grown(this.ranAt, length);
    this.metBy = grown(this.metBy, length);
    this.metAt = grown(this.metAt, length);
    this.#weigh();
  }

  #weigh(): void {
    this.#bytes = this.met.byteLength + this.ranBy.byteLength * 4;
  }
}
