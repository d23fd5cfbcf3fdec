/**
 * Stuck routines: told from slow ones, by name, when work over an automaton was cut off. Imported by the engines.
 */

import { ModelError } from '../errors.js';
import { CutOff, ranFor, type WorkGuard } from '../guard.js';
import { opText } from '../ops/op.js';
import type { Automaton } from './automaton.js';

/**
 * The routine that did not come back when work over an automaton was cut off; undefined when none was being run, or the
 * one that was comes back when it is run by itself. From then on the automaton refuses to run it from there.
 */
export function stuckIn(automaton: Automaton, guard: WorkGuard): ModelError | undefined {
  const { root, from } = automaton.underWay ?? {};
  if (root === undefined || from === undefined) return undefined;
  const { node, result } = from;
  try {
    guard.run(() => automaton.edge(node, result));
    return undefined;
  } catch (error) {
    // Whatever else it throws it throws again to whoever asks for that edge.
    if (!(error instanceof CutOff)) return undefined;
    const stuck = new ModelError(
      `${root.name} does not come back: after its op "${opText(automaton.opOf(node))}" (result ${result}) it ran for ` +
        `${ranFor(error)} without another op and without an end; a loop in a routine needs an op in each round`,
    );
    automaton.underWay = undefined;
    automaton.refuse(node, result, stuck);
    return stuck;
  }
}

/** What to say of a step that does not come back: `"x = 1" in writes does not come back: ...`. */
export function stepDoesNotComeBack(what: string, cut: CutOff): ModelError {
  return new ModelError(
    `${what} does not come back: a function of the op, or a check of what it changes, ran for ${ranFor(cut)} without an end`,
  );
}

/**
 * Runs work over an automaton that may be run again from its start: with more time where patience alone cut it off, and
 * without the routines that did not come back, which the automaton refuses then.
 *
 * @param times how many times the usual patience it may take at first
 * @param underWay of work that takes steps: the op that was run last. It is not to blame the first time.
 * @throws CutOff when it was interrupted or the budget was spent, with the routine that did not come back if there is one;
 * ModelError for a step that does not
 */
export function runPatiently<T>(
  guard: WorkGuard,
  automaton: Automaton,
  work: () => T,
  times = 1,
  underWay?: () => string,
): T {
  let known: ModelError | undefined;
  for (let patience = times; ; patience *= 2) {
    try {
      return guard.run(work, patience);
    } catch (error) {
      if (!(error instanceof CutOff)) throw error;
      // One that is known is refused by now, and not what the work was at when its time was over.
      known = stuckIn(automaton, guard) ?? known;
      error.stuck = known;
      if (error.reason !== 'patience') throw error;
      if (underWay === undefined || known !== undefined || patience === times) continue;
      throw stepDoesNotComeBack(underWay(), error);
    }
  }
}
