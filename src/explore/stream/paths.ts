/**
 * Paths: the steps of all runs of the stream, each behind the one that it departs from. Used by the stream.
 */

import { grown } from '../../core/grown.js';
import type { Schedule } from '../../core/schedule.js';

/** No answer: the step made no choice. */
const NONE = 0;

/** Keeps runs as suffixes of one another. */
export class Paths {
  /** Number of runs. */
  runs = 0;
  /** By run: the one it departs from (-1: none), after how many steps of that one, and where its own steps begin. */
  readonly #parents: number[] = [];
  readonly #steps: number[] = [];
  readonly #firsts: number[] = [];
  /** By run: the steps of its schedule before its own. */
  readonly #lengths: number[] = [];
  #actors = new Uint8Array(1024);
  /** By step: the answer to its choice plus one. */
  #answers = new Uint16Array(1024);
  #length = 0;
  /** Number of bytes of the steps. */
  bytes = this.#actors.byteLength + this.#answers.byteLength;

  /** Begins a run that departs from another after so many of its own steps. */
  begin(parent: number, step: number): void {
    this.#parents.push(parent);
    this.#steps.push(step);
    this.#firsts.push(this.#length);
    this.#lengths.push(parent < 0 ? 0 : this.#lengths[parent] + step);
    this.runs++;
  }

  /** Adds a step to the run that was begun last; `answer` is -1 where no choice is made. */
  add(actor: number, answer: number): void {
    if (this.#length === this.#actors.length) {
      this.#actors = grown(this.#actors, this.#length * 2);
      this.#answers = grown(this.#answers, this.#length * 2);
      this.bytes = this.#actors.byteLength + this.#answers.byteLength;
    }
    this.#actors[this.#length] = actor;
    this.#answers[this.#length++] = answer + 1;
  }

  /** Steps that the run which was begun last shares with the one that it departs from. */
  get shared(): number {
    return this.#lengths[this.runs - 1];
  }

  /** Who took a step of the run that was begun last. */
  actorAt(step: number): number {
    return this.#actors[this.#firsts[this.runs - 1] + step];
  }

  /** Whether a step of that run made a choice. */
  choseAt(step: number): boolean {
    return this.#answers[this.#firsts[this.runs - 1] + step] !== NONE;
  }

  /** The schedule of a run, from the start of the model; `steps` are those of its own. */
  schedule(last: number, steps: number): Schedule {
    const parts: { readonly first: number; readonly length: number }[] = [];
    let length = steps;
    for (let run = last; run >= 0; run = this.#parents[run]) {
      parts.push({ first: this.#firsts[run], length });
      length = this.#steps[run];
    }
    const schedule = { steps: [] as number[], choices: [] as number[] };
    for (const part of parts.reverse()) {
      for (let step = part.first; step < part.first + part.length; step++) {
        schedule.steps.push(this.#actors[step]);
        if (this.#answers[step] !== NONE) schedule.choices.push(this.#answers[step] - 1);
      }
    }
    return schedule;
  }
}
