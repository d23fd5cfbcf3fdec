/**
 * Open frames: the functions an actor is in, with a number for each visit, so that a report knows where a function is
 * entered anew. Used by traces.
 */

import type { Frame, NodeInfo } from '../automaton/automaton.js';

/** One visit of a function. */
export interface TraceFrame {
  readonly name: string;
  /** Kernel version the routine mirrors; empty when it names none. */
  readonly version: string;
  /** Differs between two visits by one actor. */
  readonly visit: number;
}

/** The function a step or a waiting actor is in: the innermost one; else its call, with `*` for numbers. */
export function functionOf(where: { readonly frames: readonly TraceFrame[]; readonly callName: string }): string {
  return where.frames.at(-1)?.name ?? where.callName.replace(/(?<![\w.])-?\d+\b/g, '*');
}

/** Follows the functions one actor is in. */
export class OpenFrames {
  #open: { readonly frame: Frame; readonly visit: number }[] = [];
  #visits = 0;

  /** The functions around the op of a node, outermost first. */
  at({ frame }: NodeInfo): readonly TraceFrame[] {
    const stack = stackOf(frame);
    const common = this.#common(stack);
    this.#open = stack.map((each, depth) =>
      depth < common ? this.#open[depth] : { frame: each, visit: this.#visits++ },
    );
    return this.#open.map(({ frame: { name, version }, visit }) => ({ name, version, visit }));
  }

  /** A retry went back to a loop whose first op follows `last`: what was entered after `last` is entered anew. */
  again(last: NodeInfo | undefined): void {
    this.#open.length = this.#common(stackOf(last?.frame));
  }

  /** A pass that lies in so many functions goes on: what was entered within the stage before has been left. */
  goOn(functions: number): void {
    this.#open.length = Math.min(this.#open.length, functions);
  }

  /** The call ended. */
  end(): void {
    this.#open = [];
  }

  #common(stack: readonly Frame[]): number {
    let depth = 0;
    // Within one call ids are given in the order of entry, so equal ids are the same visit.
    while (depth < this.#open.length && this.#open[depth].frame.id === stack[depth]?.id) depth++;
    return depth;
  }
}

function stackOf(innermost: Frame | undefined): Frame[] {
  const stack: Frame[] = [];
  for (let frame = innermost; frame !== undefined; frame = frame.parent) stack.push(frame);
  return stack.reverse();
}
