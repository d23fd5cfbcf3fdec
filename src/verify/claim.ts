/**
 * Claims: what a finding says beyond its run. That a deadlock is one is to be seen at the end of its run; that a run goes
 * round for ever, or that locks are taken in two orders, is not. So tokens and finding files carry the claim, and a replay
 * examines it (confirm.ts). Used by whatever keeps, prints or replays findings of verify.
 */

import type { Finding } from '../core/finding.js';
import type { VerifyFinding } from './finding-of.js';
import type { LockEdge } from './lock-edge.js';

/** A lock that is wanted while another is held, and by whom. */
export type ClaimedEdge = Omit<LockEdge, 'state'>;

/** What a finding says beyond its run. */
export type Claim =
  | {
      readonly kind: 'livelock' | 'starvation';
      readonly signature: string;
      /** The step of the schedule (0-based) from which it goes round. */
      readonly loopFrom: number;
    }
  | {
      readonly kind: 'lock-order';
      readonly signature: string;
      /** A ring: each wants what the next holds, the last what the first holds. The run ends where the last is seen. */
      readonly edges: readonly ClaimedEdge[];
      /** Whether daemons were stuck in it, for which nobody waits. */
      readonly idle?: boolean | undefined;
    };

/** The claim of a finding; undefined when its run shows all of it. */
export function claimOf(finding: Finding): Claim | undefined {
  const { kind, signature, loopFrom, lockCycle, idle } = finding as VerifyFinding;
  if ((kind === 'livelock' || kind === 'starvation') && loopFrom !== undefined) return { kind, signature, loopFrom };
  if (kind !== 'lock-order' || lockCycle === undefined) return undefined;
  // Its run ends where the edge that was seen last begins.
  const last = lockCycle.reduce((latest, { state }, place) => (state > lockCycle[latest].state ? place : latest), 0);
  const ring = [...lockCycle.slice(last + 1), ...lockCycle.slice(0, last + 1)];
  const edges = ring.map(({ state: _, ...edge }) => edge);
  return { kind, signature, edges, ...(idle && { idle }) };
}
