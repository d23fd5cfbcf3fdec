/** The reference that the executor is held to: plain generators over plain arrays, one op after the other. */
import { CELLS, ITEMS, type PlainOp, type Progress, plainOf, type Statement } from '../random-routine.js';

interface PlainActor {
  readonly calls: readonly (readonly Statement[])[];
  readonly results: number[];
  readonly progress: Progress;
  generator: Generator<PlainOp, number, number> | undefined;
  pending: PlainOp | undefined;
}

/** Runs scripts of random routines. */
export class PlainMachine {
  readonly cells = new Array<number>(CELLS).fill(0);
  /** Items by position; -1 for none. */
  readonly refs = new Array<number>(ITEMS).fill(-1);
  holder = -1;
  readonly actors: PlainActor[];

  constructor(scripts: readonly (readonly (readonly Statement[])[])[]) {
    this.actors = scripts.map((calls) => ({
      calls,
      results: [],
      progress: { jumped: false },
      generator: undefined,
      pending: undefined,
    }));
    for (const actor of this.actors) this.#begin(actor);
  }

  /** The actors that can take a step, ascending. */
  runnable(): number[] {
    return [...this.actors.keys()].filter((actor) => this.#enabled(this.actors[actor].pending));
  }

  /** How many outcomes the actor's pending op offers, if it is a choice; else 0. */
  choicesOf(actor: number): number {
    const leaf = this.actors[actor].pending?.leaf;
    return leaf?.kind === 'choose' ? leaf.count : 0;
  }

  /** Takes a step: the pending op and what is atomic with it. */
  step(number: number, choice: number): { readonly again: boolean; readonly callEnd: boolean } {
    const actor = this.actors[number];
    const calls = actor.results.length;
    actor.progress.jumped = false;
    do this.#advance(actor, this.#perform(number, actor.pending!, choice));
    while (actor.pending?.continues);
    return { again: actor.progress.jumped, callEnd: actor.results.length > calls };
  }

  #begin(actor: PlainActor): void {
    const call = actor.calls[actor.results.length];
    actor.generator = call === undefined ? undefined : plainOf(call, actor.progress);
    actor.pending = actor.generator?.next(0).value as PlainOp | undefined;
  }

  #advance(actor: PlainActor, result: number): void {
    const { done, value } = actor.generator!.next(result);
    if (!done) actor.pending = value as PlainOp;
    else {
      actor.results.push(value as number);
      this.#begin(actor);
    }
  }

  #enabled(op: PlainOp | undefined): boolean {
    if (op === undefined) return false;
    if (op.leaf.kind === 'lock') return this.holder < 0;
    return op.leaf.kind !== 'await' || this.cells[op.at] >= op.leaf.value;
  }

  #perform(actor: number, { leaf, at, stored, item }: PlainOp, choice: number): number {
    const { cells, refs } = this;
    const before = cells[at];
    switch (leaf.kind) {
      case 'read':
        return before;
      case 'await':
        cells[at] = (before - 1) | 0;
        return 0;
      case 'write':
      case 'swap':
        cells[at] = leaf.value;
        return before;
      case 'writeSeen':
        cells[at] = stored;
        return 0;
      case 'add':
      case 'fetchAdd':
        cells[at] = (before + leaf.value) | 0;
        return before;
      case 'cmpxchg':
        if (before !== leaf.old) return 0;
        cells[at] = leaf.value;
        return 1;
      case 'choose':
        return choice;
      case 'lock':
        this.holder = actor;
        return 0;
      case 'unlock':
        this.holder = -1;
        return 0;
      case 'readRef':
        return refs[at];
      case 'equalsRef':
        return refs[at] === item ? 1 : 0;
      case 'writeRef':
        refs[at] = leaf.item;
        return 0;
      case 'copyRef':
        refs[at] = item;
        return 0;
    }
  }
}
