/**
 * Op stacks: where the op of a local state is made. Engines never ask, so nothing is noted while they run: the routine is
 * fed once more up to that op, and the stack of its making taken then. Used by traces that become documents.
 */

import { MadeThings } from '../ops/made.js';
import type { Automaton } from './automaton.js';
import type { Answered } from './deriver.js';
import { type Entered, Feeder } from './feeder.js';

/** The feeder's file, also where it is bundled. */
const FEEDER = /[\\/](?:core[\\/]automaton|bundles)[\\/]feeder\.[jt]s\b/;

/** Ops with where they were made. */
class MadeOps extends MadeThings {
  readonly stacks = new Map<object, Error>();

  override add(thing: object): void {
    this.stacks.set(thing, new Error('made'));
  }
}

/** The stack at the making of the op of a node; undefined where it was made before its routine ran, or by nobody. */
export function stackOfOp(automaton: Automaton, node: number): string | undefined {
  const { root } = automaton.info(node);
  const answered: Answered[] = [];
  const entered: Entered[][] = [[...automaton.info(node).entered]];
  for (let at = automaton.info(node); at.depth > 0; at = automaton.info(at.parent)) {
    answered.push({ op: automaton.opOf(at.parent), result: at.result });
    entered.push([...automaton.info(at.parent).entered]);
  }
  const made = new MadeOps();
  const feeder = new Feeder(root, entered.reverse().flat(), undefined, made);
  for (const { result } of answered.reverse()) {
    const { op } = feeder.next();
    if (op === undefined) return undefined;
    feeder.feed(op, result);
  }
  const { op } = feeder.next();
  return op && belowFeeder(made.stacks.get(op)?.stack ?? '');
}

/** A stack without who called the feeder: whoever asks for a trace makes no op of it. */
function belowFeeder(stack: string): string {
  const lines = stack.split('\n');
  const end = lines.findIndex((line) => FEEDER.test(line));
  return lines.slice(0, end < 0 ? lines.length : end).join('\n');
}
