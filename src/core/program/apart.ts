/**
 * A program apart: the same with an automaton of its own. What is only tried on it is covered by nobody, and what it comes
 * to does not depend on what else was run. Used by what tries how a run might have gone on.
 */

import { Automaton } from '../automaton/automaton.js';
import type { Program, ProgramActor } from './program.js';

/** The program with an automaton of its own; its actors are those that are given, with roots there. */
export function programApart(program: Program, actors: readonly ProgramActor[]): Program {
  const automaton = new Automaton(program.registers);
  const own = actors.map((actor) => ({
    ...actor,
    calls: actor.calls.map((each) => {
      const { name, routine, args, errors } = each.root;
      return { ...each, root: automaton.root(name, routine, args, errors) };
    }),
  }));
  return { ...program, automaton, actors: own };
}
