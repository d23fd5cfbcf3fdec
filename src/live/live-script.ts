/**
 * Scripts of a live run: which call an actor makes next, and on what.
 *
 * In mode `loop` an actor goes through its calls over and over, and the identities of each are drawn anew: they stay as
 * far apart as the script has them (a range stays a contiguous range), anywhere in their domain. In mode `once` it makes
 * each call of its script once, as it is written, and calls wait for the calls they come after. Used by the live
 * executor.
 */

import type { Domain } from '../core/ops/ref.js';
import type { ProgramCall } from '../core/program/program.js';
import type { Random } from '../core/random.js';
import { ActorWord, LiveControl, type SharedMemory } from './shared-memory.js';

/** Whether actors loop over their calls or make each once. */
export type LiveMode = 'loop' | 'once';

/** Identities of a call that are drawn together. */
interface Range {
  readonly registers: readonly number[];
  /** How far each lies behind the first. */
  readonly offsets: readonly number[];
  /** Number of places the first can have; 1: the offsets are the places. */
  readonly places: number;
}

/** Calls of one actor that are remembered. */
const KEPT = 8;

/** A call that an actor made, or is making. */
export interface MadeCall {
  /** Position in the actor's script. */
  readonly call: number;
  /** The call's arguments: positions in their domains. */
  readonly identities: readonly number[];
  /** What it returned; undefined while it is under way. */
  readonly result: number | undefined;
}

/** The script of one actor of a live run. */
export class LiveScript {
  /** Position of the present call in the script; behind its end once all were made. */
  call = 0;
  /** Calls completed in this epoch. */
  completed = 0;
  /** Mode once: what each call returned. */
  readonly results: Int32Array;
  readonly #calls: readonly ProgramCall[];
  readonly #ranges: readonly (readonly Range[])[];
  readonly #callsWord: number;
  readonly #once: boolean;
  /** Whether the world is not finished before this actor is. */
  readonly #isDue: boolean;
  /** The last calls: position, result, identities. */
  readonly #kept: Int32Array;
  readonly #width: number;
  /** Where the present call is in `#kept`. */
  #at = 0;

  constructor(
    readonly actor: number,
    readonly mode: LiveMode,
    readonly memory: SharedMemory,
    readonly random: Random,
  ) {
    const { calls, self } = memory.program.actors[actor];
    this.#calls = calls;
    const isDrawn = (domain: Domain) => mode === 'loop' && domain !== self?.domain && domain.drawn !== false;
    this.#ranges = calls.map(({ identities }) => rangesOf(identities, isDrawn));
    this.#once = mode === 'once';
    this.#callsWord = memory.actorWord(actor, ActorWord.Calls);
    this.results = memory.resultsOf(actor);
    this.#isDue = !memory.program.actors[actor].daemon;
    this.#width = 2 + Math.max(0, ...this.#calls.map(({ identities }) => identities.length));
    this.#kept = new Int32Array(this.#width * KEPT);
  }

  /** Goes to the first call and puts its identities into the registers. */
  first(registers: Int32Array): void {
    this.call = 0;
    this.completed = 0;
    this.#at = 0;
    this.#start(registers);
  }

  /** Notes what the present call returned and goes to the next, as `first`. */
  next(result: number, registers: Int32Array): void {
    this.#kept[this.#at + 1] = result;
    this.#at += this.#width;
    if (this.#at === this.#kept.length) this.#at = 0;
    this.completed++;
    if (this.#once) {
      this.results[this.call++] = result;
      const { words } = this.memory;
      Atomics.store(words, this.#callsWord, this.completed);
      if (this.#isDue && this.call === this.#calls.length) Atomics.sub(words, LiveControl.Due, 1);
    } else if (++this.call === this.#calls.length) {
      this.call = 0;
    }
    this.#start(registers);
  }

  /** Whether the present call still has to wait for calls of others. */
  get gated(): boolean {
    return this.#once && this.#waits();
  }

  /** The actors whose calls the present one still has to wait for. */
  get missing(): readonly number[] {
    const { words } = this.memory;
    const { after = [] } = this.#calls[this.call] ?? {};
    return after
      .filter(({ actor, calls }) => Atomics.load(words, this.memory.actorWord(actor, ActorWord.Calls)) < calls)
      .map(({ actor }) => actor);
  }

  /** The calls made last, oldest first; the last one is under way unless the script has ended. */
  history(): readonly MadeCall[] {
    const ended = this.call >= this.#calls.length;
    const made = this.completed + (ended ? 0 : 1);
    const kept = Array.from({ length: Math.min(made, KEPT) }, (_, k) => made - Math.min(made, KEPT) + k);
    return kept.map((number) => {
      const at = (number % KEPT) * this.#width;
      const call = this.#kept[at];
      const { length } = this.#calls[call].identities;
      const identities = [...this.#kept.subarray(at + 2, at + 2 + length)];
      return { call, identities, result: number < this.completed ? this.#kept[at + 1] : undefined };
    });
  }

  #waits(): boolean {
    const { words } = this.memory;
    const after = this.#calls[this.call]?.after ?? [];
    return after.some(({ actor, calls }) => Atomics.load(words, this.memory.actorWord(actor, ActorWord.Calls)) < calls);
  }

  #start(registers: Int32Array): void {
    const next = this.#calls[this.call];
    if (next === undefined) return;
    const { identities } = next;
    const kept = this.#kept;
    const at = this.#at;
    kept[at] = this.call;
    const ranges = this.#ranges[this.call];
    for (let k = 0; k < ranges.length; k++) {
      const { registers: drawn, offsets, places } = ranges[k];
      const first = places === 1 ? 1 : this.random.below(places) + 1;
      for (let i = 0; i < drawn.length; i++) registers[drawn[i]] = first + offsets[i];
    }
    for (let i = 0; i < identities.length; i++) kept[at + 2 + i] = registers[i] - 1;
  }
}

/** Identities of one domain keep their distances; those that are not drawn, for they say who somebody is, their places. */
function rangesOf(identities: ProgramCall['identities'], isDrawn: (domain: Domain) => boolean): Range[] {
  const domains = [...new Set<Domain>(identities.map(({ domain }) => domain))];
  return domains.map((domain) => {
    const registers = identities.flatMap((identity, register) => (identity.domain === domain ? [register] : []));
    const positions = registers.map((register) => identities[register].index);
    const first = isDrawn(domain) ? Math.min(...positions) : 0;
    const span = Math.max(...positions) - first;
    const offsets = positions.map((position) => position - first);
    return { registers, offsets, places: isDrawn(domain) ? domain.count - span : 1 };
  });
}
