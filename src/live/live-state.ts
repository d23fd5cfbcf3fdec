/**
 * Live state: the memory of a live run at rest, written the way the other engines write theirs. Used where a live run
 * is compared with theirs.
 */

import { ModelError } from '../core/errors.js';
import { LatchMode, unpackLatch } from '../core/ops/latch.js';
import type { Region } from '../core/ops/layout.js';
import { Opcode } from '../core/ops/op.js';
import type { Program } from '../core/program/program.js';
import { ACTORS_A_WORD } from '../core/program/program.js';
import { masksOf } from './audit.js';
import { ActorField } from './lock-layout.js';
import type { ActorState } from './messages.js';
import { lockUse, modeOf, SharedActors } from './shared-actors.js';
import type { SharedMemory } from './shared-memory.js';

/** What an actor remembers of the tokens; a part of ActorState. */
export type TokenMemory = Pick<ActorState, 'actor' | 'remembered'>;

/**
 * The words of the model: machines without versions, locks and tokens as one bit an actor. A lock with a queue that was
 * handed to an actor which did not take notice yet counts as waited for. Throws ModelError beyond ACTORS_A_WORD actors.
 */
export function stateAtRest(memory: SharedMemory, actors: readonly TokenMemory[]): Int32Array {
  const { program } = memory;
  const state = memory.model.slice();
  for (const [word, mask] of masksOf(program)) state[word] &= mask;
  if (memory.latchWords || program.layout.regions.every(({ kind }) => kind !== 'latch')) return state;
  if (program.actors.length > ACTORS_A_WORD)
    throw new ModelError(`a state has bits for ${ACTORS_A_WORD} actors at most`);
  const initial = program.layout.initial();
  for (const { kind, base, count, width } of program.layout.regions) {
    if (kind !== 'latch') continue;
    const token = memory.tokenOf.get(base);
    const isToken = initial[base] !== 0;
    for (let i = 0; i < count; i++) {
      if (isToken && token !== undefined)
        state[base + i] = tokenBits(memory, actors, base + i, token + i, initial[base]);
      else for (let part = 0; part < width; part++) state[base + part * count + i] = 0;
    }
  }
  setHolders(memory, state);
  return state;
}

/** Bit a is set unless actor a took the token since it last changed. */
function tokenBits(
  { model }: SharedMemory,
  actors: readonly TokenMemory[],
  word: number,
  token: number,
  everyone: number,
): number {
  let bits = everyone;
  for (const { actor, remembered } of actors) {
    if (remembered !== undefined && remembered[token] === model[word]) bits &= ~(1 << actor);
  }
  return bits;
}

function setHolders(memory: SharedMemory, state: Int32Array): void {
  const actors = new SharedActors(memory.words, memory.locks);
  const uses = Array.from({ length: memory.locks.actors }, (_, actor) => ({
    held: actors.heldBy(actor).map(({ lock, mode }) => lockUse(lock, mode)),
    // Also when it was granted, as long as the actor did not take notice.
    wanted: memory.words[memory.actorWord(actor, ActorField.WaitsFor)] - 1,
  }));
  const customs = customsOf(memory.program);
  for (const region of memory.program.layout.regions) {
    const { base, count, width } = region;
    const first = memory.lockOf.get(base);
    if (first === undefined) continue;
    const { counts, oneWaits } = customs.get(region) ?? PLAIN;
    const set = (actor: number, use: number, part: number): void => {
      const position = (use >> 1) - first;
      if (position >= 0 && position < count) state[base + part * count + position] |= 1 << actor;
    };
    uses.forEach(({ held, wanted }, actor) => {
      if (counts) {
        for (const use of held) {
          for (let part = 0; part < actors.depth(use >> 1, actor); part++) set(actor, use, part);
        }
        return;
      }
      // Readers in the first word, a writer in the second, who queues in the third; a mutex has one word.
      for (const use of held) if (use !== wanted) set(actor, use, modeOf(use) === 'write' && width > 1 ? 1 : 0);
      const queues = wanted >= 0 && modeOf(wanted) === 'write' && width > 2;
      if (queues && !(oneWaits && isQueued(wanted, first, region, state))) set(actor, wanted, 2);
    });
  }
}

/** What sets the words of a latch apart from those of a rwsem. */
interface Customs {
  /** They count the holds of an actor. */
  readonly counts: boolean;
  /** One writer at most is seen to wait. */
  readonly oneWaits: boolean;
}

const PLAIN: Customs = { counts: false, oneWaits: false };

const known = new WeakMap<Program, { readonly nodes: number; readonly customs: ReadonlyMap<Region, Customs> }>();

/** By latch, as far as its ops were met. */
function customsOf(program: Program): ReadonlyMap<Region, Customs> {
  const { infos } = program.automaton;
  const before = known.get(program);
  if (before?.nodes === infos.length) return before.customs;
  const customs = new Map<Region, Customs>();
  for (const { op } of infos) {
    const { code, region, a = 0 } = op?.spec ?? {};
    if (code !== Opcode.Latch || region === undefined) continue;
    const { mode, waitsFor } = unpackLatch(a);
    const { counts, oneWaits } = customs.get(region) ?? PLAIN;
    customs.set(region, {
      counts: counts || mode === LatchMode.Enter,
      oneWaits: oneWaits || (mode === LatchMode.Queue && waitsFor !== 0),
    });
  }
  known.set(program, { nodes: infos.length, customs });
  return customs;
}

/** Whether somebody is seen to wait already for the lock that an actor wants; the order of those who do is free. */
function isQueued(wanted: number, first: number, { base, count }: Region, state: Int32Array): boolean {
  return state[base + 2 * count + (wanted >> 1) - first] !== 0;
}
