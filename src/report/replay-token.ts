/**
 * Replaying a token: runs its schedule on the program of today and tells whether that is still the same run. Used by
 * the command line.
 */

import type { Program, ProgramActor } from '../core/program/program.js';
import { keepCalls } from '../core/story/kept-calls.js';
import { functionOf } from '../core/story/open-frames.js';
import { type Trace, traceOf } from '../core/story/trace.js';
import type { ReplayToken, TokenParts } from './token.js';

/** What became of a token's run. */
export interface TokenReplay {
  /** The run as far as it can be followed today; undefined when not even its calls exist any more. */
  readonly trace: Trace | undefined;
  /** Whether every step executes the same ops on the same cells as when the token was made. */
  readonly agrees: boolean;
  /** Sentences on parts whose text changed although the run is the same. */
  readonly notes: readonly string[];
  /** Where the run parts from the token's: a sentence for an InputError. Undefined when it agrees. */
  readonly firstDifference: string | undefined;
}

/**
 * Replays a token on `program`, which is made of parts with the hashes `parts` today. `builtIn`: nothing in it is a user's
 * file, which may depend on more than the hashes tell.
 */
export function replayToken(program: Program, token: ReplayToken, parts: TokenParts, builtIn = true): TokenReplay {
  const changed = (['scenario', 'scheme', 'layout'] as const).filter((part) => parts[part] !== token.parts[part]);
  const differs = (what: string, trace?: Trace): TokenReplay => ({
    trace,
    agrees: false,
    notes: [],
    firstDifference: `faultline: the token no longer replays: ${what} (${since(changed, builtIn)}).`,
  });
  const actors = keptActors(program, token);
  if (typeof actors === 'string') return differs(actors);
  const trace = traceOf(program, actors, token.schedule);
  const { stepHashes, steps, cutShort } = trace;
  const place = stepHashes.findIndex((hash, position) => hash !== token.stepHashes[position]);
  if (place >= 0) {
    const { actor, text } = steps[place];
    const where = `${actors[actor].name} in ${functionOf(steps[place])}`;
    return differs(`the first op that differs is step ${place + 1}, where ${where} now runs ${text}`, trace);
  }
  if (cutShort !== undefined) return differs(cutShort, trace);
  if (trace.opsHash !== token.opsHash) return differs('its last step runs other ops', trace);
  const notes = changed.map((part) => `The ${part} has changed since the token was made; the ops are the same.`);
  return { trace, agrees: true, notes, firstDifference: undefined };
}

function keptActors({ actors }: Program, { kept }: ReplayToken): readonly ProgramActor[] | string {
  try {
    return keepCalls(actors, kept);
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

function since(changed: readonly string[], builtIn: boolean): string {
  const same = 'scenario, scheme and layout are those of the token, so Faultline itself changed';
  if (changed.length === 0) return builtIn ? same : `${same}, or a package or data that the model reads`;
  return `changed since it was made: ${changed.join(', ')}`;
}
