/**
 * Live story: what an actor is doing and what it did, told to whoever has no access to its thread. Used by the live
 * thread at quiescent points and when an op is refused.
 */

import type { Program } from '../core/program/program.js';
import { functionAt, stepSignature } from '../core/story/signature.js';
import { heldLatches, latchWait } from './latch-holders.js';
import { type LiveActor, Queued, type RecentOp } from './live-actor.js';
import { LiveCode } from './live-code.js';
import type { LiveExecutor } from './live-executor.js';
import { liveOpText, placeOf } from './live-names.js';
import type { ActorState, ActorStory, FoundViolation, ToldCall, ToldOp } from './messages.js';
import { EARLIER_CALLS, type LockWaiter } from './waits-for.js';

/** What an actor does; the thread is between two ops. */
export function stateOf(executor: LiveExecutor, actor: LiveActor): ActorState {
  const { script } = actor;
  const state = conditionOf(executor, actor);
  const waits = state !== 'ready' && state !== 'done';
  const once = script.mode === 'once';
  return {
    ...{ actor: actor.number, state, call: script.call, completed: script.completed },
    at: waits ? placeOf(executor.program, actor.at.id, wordOf(actor)) : undefined,
    wait: waitOf(executor, actor, state),
    results: once ? script.results.slice() : undefined,
    remembered: once ? actor.remembered.slice() : undefined,
  };
}

/** The op that an actor was refused. */
export function foundBy(executor: LiveExecutor, actor: LiveActor): FoundViolation {
  const { program, refusal } = executor;
  const { violation, node, word } = refusal;
  if (violation === undefined) throw new Error('an op was refused without a reason');
  return {
    ...violation,
    signature: stepSignature(program.automaton, node, violation.kind),
    actor: actor.number,
    word,
    place: placeOf(program, node, word)!,
  };
}

/** An actor's last calls, the locks it holds, and its recent ops on a word. */
export function actorStory({ program, memory }: LiveExecutor, actor: LiveActor, word: number): ActorStory {
  const { calls } = program.actors[actor.number];
  const region = program.layout.regionOf(word);
  const mask = region?.kind === 'object' ? maskOf(program, region.base) : -1;
  return {
    actor: actor.number,
    place: placeOf(program, actor.at.id, wordOf(actor)),
    calls: actor.script.history().map((made): ToldCall => ({ ...made, name: calls[made.call].name })),
    held: memory.latchWords ? heldLatches(program, memory.model, actor.number) : [],
    ops: actor
      .recent()
      .filter((op) => op.word === word)
      .map((op) => toldOp(program, op, mask)),
  };
}

function conditionOf(executor: LiveExecutor, actor: LiveActor): ActorState['state'] {
  if (actor.at.code === LiveCode.Done) return 'done';
  if (actor.queued === Queued.Waiting && !actor.awake(executor.locks)) return 'lock';
  if (actor.script.gated) return 'calls';
  // A daemon that goes round for ever does so until it is clear that it will.
  if (actor.rests) return 'value';
  if (executor.enabled(actor)) return 'ready';
  return actor.at.code === LiveCode.Latch ? 'lock' : 'value';
}

function waitOf(
  { program, memory }: LiveExecutor,
  actor: LiveActor,
  state: ActorState['state'],
): LockWaiter | undefined {
  if (state === 'calls') {
    const blockers = actor.script.missing.map((other) => ({ actor: other, mode: 'write' as const }));
    return { actor: actor.number, mode: 'write', lock: EARLIER_CALLS, blockers };
  }
  if (state !== 'lock' || actor.at.code !== LiveCode.Latch) return undefined;
  const word = wordOf(actor);
  return word < 0 ? undefined : latchWait(program, memory.model, actor.number, actor.at, word);
}

function toldOp(program: Program, { node, word, value, order }: RecentOp, mask: number): ToldOp {
  return {
    function: functionAt(program.automaton, node),
    op: liveOpText(program, node, word, value),
    value: value & mask,
    version: mask === -1 ? undefined : ((value >>> 0) / (mask + 1)) >>> 0,
    order,
  };
}

function maskOf({ machines, objects }: Program, base: number): number {
  const array = objects.find(({ region }) => region.base === base);
  return array === undefined ? -1 : 2 ** machines[array.machine].bits - 1;
}

/** The word of the op that an actor is at; -1 when that cannot be told without doing it. */
function wordOf({ at, registers }: LiveActor): number {
  if (at.op?.spec.region === undefined) return -1;
  if (at.register < 0) return at.base;
  return registers[at.register] === 0 ? -1 : at.base + registers[at.register] - 1;
}
