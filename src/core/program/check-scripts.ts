/**
 * Checks of a program's scripts: what no execution could keep is refused when the model is compiled. Used by the
 * program builder.
 */

import { type Automaton, Field } from '../automaton/automaton.js';
import { ModelError } from '../errors.js';
import { Opcode } from '../ops/op.js';
import type { After, ProgramActor, ProgramCall } from './program.js';

/** Throws ModelError for a call that waits for calls which do not exist, or that waits without an op to do it at. */
export function checkScripts(automaton: Automaton, actors: readonly ProgramActor[]): void {
  for (const actor of actors) {
    for (const call of actor.calls) {
      if (call.after.length === 0) continue;
      checkHasOp(automaton, actor.name, call);
      for (const after of call.after) checkAfter(actors, actor, call, after);
    }
  }
}

function checkHasOp(automaton: Automaton, actor: string, { name, root }: ProgramCall): void {
  if (automaton.nodes[root.node + Field.code] !== Opcode.Return) return;
  throw new ModelError(`call ${name} of ${actor} waits for other calls but has no op that could wait`);
}

function checkAfter(actors: readonly ProgramActor[], actor: ProgramActor, call: ProgramCall, after: After): void {
  const other = actors[after.actor];
  const what = `call ${call.name} of ${actor.name} waits for`;
  if (other === actor) throw new ModelError(`${what} its own actor; the calls of one actor follow one another anyway`);
  if (other === undefined) throw new ModelError(`${what} actor ${after.actor}; there are ${actors.length} actors`);
  if (after.calls <= other.calls.length) return;
  throw new ModelError(`${what} ${after.calls} calls of ${other.name}, which makes ${other.calls.length}`);
}
