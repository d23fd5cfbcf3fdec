/** All final states of a small model, by a breadth-first search over the controlled engine's states: exact, and simple. */

import type { Program } from '../../src/core/program/program.js';
import { Executor } from '../../src/core/run/executor.js';

/** The words that routines can read and what the calls returned, as text. */
export function finalText(program: Program, words: ArrayLike<number>, results: readonly (readonly number[])[]): string {
  const { regions } = program.layout;
  const cells = regions
    .filter(({ kind }) => kind !== 'ghost')
    .map(({ name, base, count, width }) => {
      const values = Array.from({ length: count * width }, (_, k) => words[base + k]);
      return `${name}=${values}`;
    });
  return `${cells.join(' ')} | ${results.map((each) => each.join(',')).join(' ')}`;
}

/**
 * Final states that completed runs reach; runs that break something end where they do. Throws beyond `most` states.
 *
 * @param broken gets the kinds of what they break
 */
export function allFinalStates(program: Program, most = 400_000, broken = new Set<string>()): ReadonlySet<string> {
  const executor = new Executor(program);
  const finals = new Set<string>();
  const seen = new Set<string>([keyOf(executor.state)]);
  const open: Int32Array[] = [executor.state.slice()];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    executor.load(state);
    const runnable = [...executor.runnable.subarray(0, executor.runnableCount)];
    if (runnable.length === 0 && executor.complete) finals.add(finalTextOf(executor));
    for (const actor of runnable) {
      const choices = Math.max(1, executor.choicesOf(actor));
      for (let choice = 0; choice < choices; choice++) {
        executor.step(actor, choice);
        if (executor.violation !== undefined) broken.add(executor.violation.kind);
        const key = keyOf(executor.state);
        if (executor.violation === undefined && !seen.has(key)) {
          seen.add(key);
          if (seen.size > most) throw new Error(`${program.name} has more than ${most} states`);
          open.push(executor.state.slice());
        }
        executor.load(state);
      }
    }
  }
  return finals;
}

function finalTextOf(executor: Executor): string {
  const results = Array.from({ length: executor.actors }, (_, actor) =>
    executor.scriptOf(actor).calls.map((__, call) => executor.resultOf(actor, call)),
  );
  return finalText(executor.program, executor.state, results);
}

function keyOf(state: Int32Array): string {
  return Buffer.from(state.buffer, state.byteOffset, state.byteLength).toString('latin1');
}
