/**
 * Latch holders: who holds a lock and who is in the way of whom, read off the words of latches, where these are words of
 * the model. Used by the live thread, which knows the ops of its routines, and by the session.
 */

import { unpackLatch } from '../core/ops/latch.js';
import type { Region } from '../core/ops/layout.js';
import { type LockRole, Opcode } from '../core/ops/op.js';
import type { Program } from '../core/program/program.js';
import type { LiveHeldLock } from './live-finding.js';
import type { LiveNode } from './live-node.js';
import type { LockMode, LockUser } from './rw-lock.js';
import type { LockWaiter } from './waits-for.js';

/** By the number of its words, for a latch whose ops were not met. More words count the holds of readers. */
const ROLES: readonly (readonly LockRole[])[] = [
  ['holder'],
  ['reader', 'writer'],
  ['reader', 'writer', 'queued writer'],
];
const NESTS: readonly LockRole[] = ['reader'];

/** The locks that an actor holds, in the order of their declaration. */
export function heldLatches(program: Program, model: Int32Array, actor: number): readonly LiveHeldLock[] {
  const roles = rolesOf(program);
  const lines = linesOf(program);
  const initial = program.layout.initial();
  return program.layout.regions.flatMap((region) => {
    const { kind, base, count, width } = region;
    // A latch that starts full is a token.
    if (kind !== 'latch' || initial[base] !== 0 || lines.has(region)) return [];
    return Array.from({ length: count }, (_, i) => i).flatMap((i) => {
      const parts = Array.from({ length: width }, (_, part) => part).filter(
        (part) => ((model[base + part * count + i] >> actor) & 1) === 1,
      );
      const held = parts.map((part) => roleOf(region, part, roles)).find((role) => role !== 'queued writer');
      return held === undefined ? [] : [{ lock: program.layout.nameOf(base + i), mode: modeOf(held) }];
    });
  });
}

/** What keeps an actor waiting at a latch op; `word` is the latch's first. */
export function latchWait(
  program: Program,
  model: Int32Array,
  actor: number,
  node: LiveNode,
  word: number,
): LockWaiter {
  const { spec } = node.op!;
  const region = spec.region!;
  const roles = rolesOf(program);
  const { waitsFor } = unpackLatch(node.a);
  const blockers: LockUser[] = [];
  for (let other = 0; other < program.actors.length; other++) {
    for (let part = 0; part < node.b; part++) {
      if (((waitsFor >> part) & 1) === 0 || ((model[word + part * node.c] >> other) & 1) === 0) continue;
      blockers.push({ actor: other, mode: modeOf(roleOf(region, part, roles)) });
    }
  }
  return { actor, mode: spec.lock?.mode ?? 'write', lock: word, blockers };
}

function roleOf(region: Region, part: number, roles: ReadonlyMap<Region, readonly LockRole[]>): LockRole {
  const known = roles.get(region) ?? ROLES[region.width - 1] ?? NESTS;
  return known[Math.min(part, known.length - 1)];
}

function modeOf(role: LockRole): LockMode {
  return role === 'reader' ? 'read' : 'write';
}

/** What the words of latches hold, as far as their ops were met. */
function rolesOf({ automaton }: Program): ReadonlyMap<Region, readonly LockRole[]> {
  const found = new Map<Region, readonly LockRole[]>();
  for (const { op } of automaton.infos) {
    const { code, region, lock } = op?.spec ?? {};
    if (code === Opcode.Latch && region !== undefined && lock?.roles !== undefined) found.set(region, lock.roles);
  }
  return found;
}

/** Latches that are no locks, as far as their ops were met: who has a bit there waits. */
function linesOf({ automaton }: Program): ReadonlySet<Region> {
  const found = new Set<Region>();
  const locks = new Set<Region>();
  for (const { op } of automaton.infos) {
    const { code, region, lock } = op?.spec ?? {};
    if (code === Opcode.Latch && region !== undefined) (lock === undefined ? found : locks).add(region);
  }
  for (const region of locks) found.delete(region);
  return found;
}
